import type { Service, ServiceFacts, Timing } from '../contracts.js'
import type { ServiceStatus } from '../events.js'
import { factsOf } from '../identity.js'
import type { Check } from './check.js'
import type { Scheduled } from './scheduler.js'
import { type State, type Status, shownSince, UNKNOWN } from './state.js'

/** A check in flight, and what its verdict will have to know. */
export interface Launch {
  readonly check: Check<Target>
  /** When it began, in ms since the epoch. */
  readonly at: number
  /** Nobody looked for longer than one interval before it. */
  readonly afterHole: boolean
  /** How long the loop had been blocked in all by then, in ms. */
  readonly blockedMs: number
}

/** What the first check in a run has to know: where its service's observation broke off. */
export interface Unseen {
  /** From when on the time before the check is a gap: the start of the run or of the monitoring. */
  readonly since: number
  /** The last moment for which the service was observed before. */
  readonly observedUntil: number
}

/**
 * One service under watch: what is known of it, and its place in the schedule. There are ten thousands of these, so
 * what only a check in flight needs is kept with that.
 */
export class Target implements Scheduled {
  at = 0
  place = -1
  quick = false
  waiting = false
  slot: 'quick' | 'slow' | undefined = undefined

  readonly id: string
  service: Service
  sources: readonly string[]
  timing: Timing
  state: State = UNKNOWN
  /** Whether the record knows it, and as it is now. */
  record: 'none' | 'stale' | 'current' = 'none'
  /** The open downtime, as the record has it. */
  downtime: string | undefined = undefined
  lastCheck: number | null = null
  latencyMs: number | null = null
  message: string | null = null

  launch: Launch | undefined = undefined
  /** Until it is checked for the first time in this run. */
  unseen: Unseen | undefined
  /** Since when it is on record that nobody looks at it, in ms since the epoch. */
  gap: number | undefined = undefined
  /** An earlier check that ignored its signal and goes on. */
  stuck: Check<Target> | undefined = undefined
  /** Its last check proved nothing because the loop was blocked; that excuse holds once. */
  excused = false
  /** Objects that were replaced while their check was in flight. */
  replaced: Service[] | undefined = undefined

  readonly #onDue: (target: Target) => void

  constructor(
    { id, service, sources }: { id: string; service: Service; sources: readonly string[] },
    timing: Timing,
    unseen: Unseen,
    onDue: (target: Target) => void,
  ) {
    this.id = id
    this.service = service
    this.sources = sources
    this.timing = timing
    this.unseen = unseen
    this.#onDue = onDue
  }

  get status(): Status {
    return this.state.status
  }

  get facts(): ServiceFacts {
    return factsOf(this.id, this.service, this.sources)
  }

  run(): void {
    this.#onDue(this)
  }
}

/** From monotonic to wall time. */
export type ToWall = (monotonic: number) => number

export function statusOf(target: Target, toWall: ToWall): ServiceStatus {
  const { upSince: _, ...live } = liveOf(target, toWall)
  return { ...target.facts, ...live }
}

/** The part of a target's status that is published. Written out, because it is made for every check. */
export function liveOf({ state, timing, lastCheck, latencyMs, message, place, at }: Target, toWall: ToWall) {
  return {
    status: state.status,
    since: shownSince(state),
    lastCheck,
    latencyMs,
    failures: state.failures,
    attempts: timing.attempts,
    message,
    nextCheck: place < 0 ? null : toWall(at),
    upSince: state.status === 'down' ? null : state.since,
  }
}
