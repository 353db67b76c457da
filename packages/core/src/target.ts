import type { Check } from './check.js'
import type { Service, ServiceFacts, Timing } from './contracts.js'
import type { ServiceStatus } from './events.js'
import type { Scheduled } from './scheduler.js'
import { type State, shownSince, UNKNOWN } from './state.js'

/** One service under watch: what is known of it, and its place in the schedule. */
export class Target implements Scheduled {
  at = 0
  place = -1
  due = 0
  quick = false
  waiting = false
  slot: 'quick' | 'slow' | undefined = undefined

  facts: ServiceFacts
  service: Service
  timing: Timing
  state: State = UNKNOWN
  /** The open downtime, as the record has it. */
  downtime: string | undefined = undefined
  lastCheck: number | null = null
  latencyMs: number | null = null
  message: string | null = null

  /** The check in flight. */
  check: Check<Target> | undefined = undefined
  /** An earlier check that ignored its signal and goes on. */
  stuck: Check<Target> | undefined = undefined
  /** When the check in flight began, or the last one when there is none; ms since the epoch. */
  launchedAt = 0
  /** Nobody looked for longer than one interval before the check in flight. */
  afterHole = false
  /** How long the loop had been blocked in all when that check began, in ms. */
  blockedBefore = 0
  /** Its last check proved nothing because the loop was blocked; that excuse holds once. */
  excused = false
  /** The run in which it was checked last. */
  seenIn = ''
  readonly monitoredSince: number
  /** The last moment for which it was observed before that run; where there is none, `monitoredSince`. */
  observedUntil: number

  /** Objects that were replaced while their check was in flight. */
  replaced: Service[] | undefined = undefined

  readonly #onDue: (target: Target) => void

  constructor(
    facts: ServiceFacts,
    service: Service,
    timing: Timing,
    since: number,
    onDue: (target: Target) => void,
  ) {
    this.facts = facts
    this.service = service
    this.timing = timing
    this.monitoredSince = since
    this.observedUntil = since
    this.#onDue = onDue
  }

  get id(): string {
    return this.facts.id
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
