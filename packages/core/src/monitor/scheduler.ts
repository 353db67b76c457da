import type { Clock, Timing } from '../contracts.js'
import { Queue } from './queue.js'
import type { Status } from './state.js'
import type { Task, Timeline } from './timeline.js'

/** A thing that is due again and again. */
export interface Scheduled extends Task {
  /** Monotonic ms at which its next check is due; while it waits for a slot, since when it is owed. */
  at: number
  readonly id: string
  readonly timing: Timing
  readonly status: Status
  /** Whether its last check was quick. Until it has shown that, it counts as slow. */
  quick: boolean
  /** Whether it waits for a slot, and which sort of slot it has. Set by the scheduler. */
  waiting: boolean
  slot: 'quick' | 'slow' | undefined
}

/** Those of one sort that wait, and the share of the slots that they and slower ones may take. */
interface Lane<T> {
  readonly waiting: Queue<T>
  readonly share: number
}

/** What is left is kept for quick services, so that hanging targets cannot starve them. */
const UNDECIDED = 0.9
const SLOW = 0.8
/** First checks are spread at this rate, within this time at most. */
const FIRST_PER_MS = 1
const FIRST_WITHIN = 5_000

/**
 * When a service is due, and whether there is a slot for it. Each has a fixed phase within its interval, taken from
 * its id, so that load is spread and a restart changes nothing. A tick that finds its service still waiting or still
 * being checked is skipped: nothing piles up.
 */
export class Scheduler<T extends Scheduled> {
  readonly #clock: Clock
  readonly #timeline: Timeline
  readonly #launch: (item: T) => void
  #slots = 0
  readonly #quick = laneOf<T>(1)
  /** Slow ones that may as well be quick: nobody knows yet. */
  readonly #unknown = laneOf<T>(UNDECIDED)
  /** A streak has to go on within an interval, or it proves nothing: where many hang, none would ever be down. */
  readonly #soft = laneOf<T>(UNDECIDED)
  /** Slow ones that answer, and those that are down: in turn, so that neither sort waits for all of the other. */
  readonly #up = laneOf<T>(SLOW)
  readonly #down = laneOf<T>(SLOW)
  #isDownNext = false
  /** Wall minus monotonic when this began; kept, so that a clock that is set moves no phase. */
  readonly #epoch: number
  #taken = 0
  #takenBySlow = 0

  constructor(clock: Clock, timeline: Timeline, concurrency: number, launch: (item: T) => void) {
    this.#clock = clock
    this.#timeline = timeline
    this.#launch = launch
    this.resize(concurrency)
    this.#epoch = clock.now() - clock.monotonic()
  }

  /** Checks in flight at most, from now on. */
  resize(concurrency: number): void {
    this.#slots = concurrency
    this.#startWaiting()
  }

  /** Checks in flight. */
  get inFlight(): number {
    return this.#taken
  }

  /** Puts new items on the schedule: now, spread by rate over at most a few seconds. */
  begin(items: readonly T[]): void {
    const now = this.#clock.monotonic()
    for (const item of items) {
      const spread = Math.min(FIRST_WITHIN, item.timing.every, items.length / FIRST_PER_MS)
      this.#timeline.set(item, now + (items.length > 1 ? fraction(item.id) * spread : 0))
    }
  }

  /** Takes an item off the schedule. A check in flight keeps its slot until `release`. */
  remove(item: T): void {
    this.#timeline.cancel(item)
    item.waiting = false
  }

  /** A scheduled item came due: give it a slot, or let it wait for one. */
  ready(item: T): void {
    const lane = this.#laneOf(item)
    if (this.#isFree(lane)) return this.#start(item)
    item.waiting = true
    lane.waiting.push(item)
  }

  /** Its check is over (or given up): the slot is free for the next. */
  release(item: T): void {
    if (!item.slot) return
    this.#taken--
    if (item.slot === 'slow') this.#takenBySlow--
    item.slot = undefined
    this.#startWaiting()
  }

  /** Next check at its phase: the first tick after the last one ended. */
  atNextTick(item: T, endedAt?: number): void {
    const { every } = item.timing
    const phase = Math.floor(fraction(item.id) * every)
    const now = this.#clock.monotonic()
    const ended = (endedAt ?? now) + this.#epoch
    const tick = (Math.floor((ended - phase) / every) + 1) * every + phase - this.#epoch
    // What has become due while a verdict was waited for is due now.
    this.#timeline.set(item, Math.max(tick, now))
  }

  /** Next check at once: the last one proved nothing. */
  again(item: T): void {
    this.#timeline.set(item, this.#clock.monotonic())
  }

  /** Next check after one that failed. */
  atRetry(item: T, endedAt?: number): void {
    const now = this.#clock.monotonic()
    this.#timeline.set(item, Math.max(now, (endedAt ?? now) + item.timing.retryEvery))
  }

  #laneOf({ quick, status }: T): Lane<T> {
    if (quick) return this.#quick
    if (status === 'unknown') return this.#unknown
    if (status === 'soft') return this.#soft
    return status === 'up' ? this.#up : this.#down
  }

  #isFree({ share }: Lane<T>): boolean {
    const most = Math.max(1, Math.floor(this.#slots * share))
    return this.#taken < this.#slots && (share === 1 || this.#takenBySlow < most)
  }

  #start(item: T): void {
    item.waiting = false
    item.slot = item.quick ? 'quick' : 'slow'
    this.#taken++
    if (item.slot === 'slow') this.#takenBySlow++
    this.#launch(item)
  }

  #startWaiting(): void {
    for (let next = this.#nextWaiting(); next; next = this.#nextWaiting()) this.#start(next)
  }

  /** Of those that may start, the one that has waited longest; of slow ones, the most urgent. */
  #nextWaiting(): T | undefined {
    const lane = this.#slowLane()
    const [quick, slow] = [firstWaiting(this.#quick), firstWaiting(lane)]
    const mayQuick = quick && this.#isFree(this.#quick)
    const maySlow = slow && this.#isFree(lane)
    if (mayQuick && (!maySlow || quick.at <= slow.at)) return this.#quick.waiting.shift()
    if (!maySlow) return undefined
    this.#isDownNext = lane === this.#up
    return lane.waiting.shift()
  }

  #slowLane(): Lane<T> {
    if (firstWaiting(this.#unknown)) return this.#unknown
    this.#giveUpStreaks()
    if (firstWaiting(this.#soft)) return this.#soft
    const [first, second] = this.#isDownNext ? [this.#down, this.#up] : [this.#up, this.#down]
    return firstWaiting(first) ? first : second
  }

  /** Those that have waited for too long begin a new streak, and there is no hurry about that. */
  #giveUpStreaks(): void {
    for (let first = firstWaiting(this.#soft); first; first = firstWaiting(this.#soft)) {
      if (this.#clock.monotonic() - first.at <= first.timing.every) return
      this.#down.waiting.push(this.#soft.waiting.shift()!)
    }
  }
}

function laneOf<T>(share: number): Lane<T> {
  return { waiting: new Queue<T>(), share }
}

/** The head of a lane, past those that were removed while they waited. */
function firstWaiting<T extends Scheduled>({ waiting }: Lane<T>): T | undefined {
  while (waiting.length && !waiting.peek()!.waiting) waiting.shift()
  return waiting.peek()
}

/** A service's place within any interval, in [0, 1): the first 32 bits of its id. */
function fraction(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16) / 0x1_0000_0000
}
