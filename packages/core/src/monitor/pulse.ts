import type { Clock } from '../contracts.js'
import type { Ledger } from './ledger.js'
import type { Task, Timeline } from './timeline.js'

/** How often the pulse beats, in ms: the finest proof of life. */
const BEAT = 250
/** A pulse that did not beat for so long stood still, in ms. */
const STILL = 1_000
/** How often life is proven to the storage, in ms. */
export const HEARTBEAT = 5_000
/** How often live state is published, in ms. */
const PUBLISH = 1_000

export interface PulseHost {
  /** The loop came around, this much later than it should have. */
  onBeat(lateMs: number): void
  /**
   * Time jumped, or nothing could run for `stillMs`: what was seen before `lastBeat` (monotonic) and what comes now are
   * two runs.
   */
  onSplit(lastBeat: number, stillMs: number, reason: string): void
  /** Nothing could run for a while, not so long that it would end the run. */
  onStill(now: number): void
  onHeartbeat(now: number): void
  onPublish(): void
}

/** The one thing that happens at a fixed pace: looks at the clocks, proves life, publishes. */
export class Pulse implements Task {
  at = 0
  place = -1
  readonly #clock: Clock
  readonly #timeline: Timeline
  readonly #ledger: Ledger
  readonly #host: PulseHost
  #lastBeat: number
  #notedAt = Number.NEGATIVE_INFINITY
  #lastHeartbeat: number
  #lastPublish: number

  constructor(clock: Clock, timeline: Timeline, ledger: Ledger, host: PulseHost) {
    this.#clock = clock
    this.#timeline = timeline
    this.#ledger = ledger
    this.#host = host
    this.#lastBeat = this.#lastHeartbeat = this.#lastPublish = clock.monotonic()
  }

  start(): void {
    this.#timeline.set(this, this.#clock.monotonic() + BEAT)
  }

  run(): void {
    // Its own look at the clock: what ran before it in the same turn may have taken long.
    const now = this.#clock.monotonic()
    this.#timeline.set(this, now + BEAT)
    this.#host.onBeat(now - this.#lastBeat - BEAT)
    this.#lastBeat = now
    if (now - this.#lastHeartbeat >= HEARTBEAT) this.#heartbeat(now)
    if (now - this.#lastPublish >= PUBLISH) this.#publish(now)
  }

  /**
   * Looks at the clocks, and ends the run where time jumped or stood still. Belongs before anything that may state a
   * fact, or that fact would vouch for a time in which nobody looked.
   */
  look(now: number): void {
    const silent = now - this.#lastBeat > 2 * HEARTBEAT
    if (!silent && !this.#ledger.drifted) return this.#noteStill(now)
    const lastBeat = this.#lastBeat
    const stillMs = silent ? now - lastBeat - BEAT : 0
    this.#lastBeat = this.#lastHeartbeat = now
    const reason = silent ? 'the process stood still' : 'the clock was set, or the machine was suspended'
    this.#host.onSplit(lastBeat, stillMs, reason)
  }

  /** The first fact after a standstill would vouch for it, also for those whose checks are owed: so that is said first. */
  #noteStill(now: number): void {
    if (now - Math.max(this.#lastBeat, this.#notedAt) <= STILL) return
    this.#notedAt = now
    this.#host.onStill(now)
  }

  #heartbeat(now: number): void {
    this.#lastHeartbeat = now
    this.#host.onHeartbeat(now)
  }

  #publish(now: number): void {
    this.#lastPublish = now
    this.#host.onPublish()
  }
}
