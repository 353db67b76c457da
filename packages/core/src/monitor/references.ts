import type { Clock, Logger, Service, Timing } from '../contracts.js'
import { titleOf } from '../describe.js'
import { Check, type CheckHost, type Outcome } from './check.js'
import type { Task, Timeline } from './timeline.js'

/** From the start of one round to the next, at least, in ms. */
const PACE = 1_000

/** What must be reachable, and what is under way for it. */
interface Reference {
  readonly service: Service
  readonly timeout: number
  check: Check<Reference> | undefined
  /** An earlier check that ignored its signal and goes on. */
  stuck: Check<Reference> | undefined
}

/** A failure that waits until it is known whether it counts. In monotonic ms. */
interface Doubt {
  readonly startedAt: number
  readonly failedAt: number
  readonly decide: (counts: boolean) => void
}

export interface ReferencesParts {
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  readonly services: readonly Service[]
  readonly timingOf: (service: Service) => Timing
  /** Looks at the clocks, before anything is decided. May halt everything. */
  readonly look: () => void
  /** Nothing could be reached since then, in monotonic ms. */
  readonly onBlind: (since: number, reason: string) => void
  /** Something can be reached again. */
  readonly onSight: (since: number) => void
}

/**
 * Whether the monitor itself can reach anything. All failures of a moment share one round of checks, and there is none
 * while nothing fails. While it is blind, rounds go on, so that the end is known when it comes.
 */
export class References implements CheckHost<Reference>, Task {
  at = 0
  place = -1
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  readonly #parts: ReferencesParts
  readonly #all: readonly Reference[]
  /** Those of the round under way that have not answered. */
  readonly #silent = new Set<Reference>()
  #doubts: Doubt[] = []
  #roundAt = Number.NEGATIVE_INFINITY
  /** Since when anything can be reached, in monotonic ms; infinite while it is blind. */
  #sightSince = Number.NEGATIVE_INFINITY

  constructor(parts: ReferencesParts) {
    this.#parts = parts
    this.clock = parts.clock
    this.log = parts.log
    this.timeline = parts.timeline
    this.#all = parts.services.map((service) => {
      return { service, timeout: parts.timingOf(service).timeout, check: undefined, stuck: undefined }
    })
  }

  get isBlind(): boolean {
    return this.#sightSince === Number.POSITIVE_INFINITY
  }

  /**
   * Asks whether what has just failed counts: only a reference that is checked after it shows that the network was there, and
   * a check that had begun before the end of a blindness proves nothing.
   *
   * @param startedAt when the failed check began, in monotonic ms
   */
  ask(startedAt: number, decide: (counts: boolean) => void): void {
    this.#doubts.push({ startedAt, failedAt: this.clock.monotonic(), decide })
    this.#plan()
  }

  /** Ends what is under way; nothing that waits is decided. */
  halt(): void {
    this.timeline.cancel(this)
    for (const reference of this.#all) {
      reference.check?.cancel()
      reference.check = undefined
    }
    this.#silent.clear()
    this.#doubts = []
  }

  /** The same, and goes on. */
  restart(): void {
    this.halt()
    this.#plan()
  }

  /** A round. */
  run(): void {
    this.#roundAt = this.clock.monotonic()
    for (const reference of this.#all) this.#silent.add(reference)
    for (const reference of this.#all) if (!reference.check) this.#check(reference)
    if (!this.#silent.size)
      this.#seeNothing('their earlier checks ignored their signals and are still running')
  }

  onOutcome(check: Check<Reference>, { ok, reason, stuck }: Outcome): void {
    const reference = check.owner
    this.#parts.look()
    if (reference.check !== check) return
    reference.check = undefined
    if (stuck) reference.stuck = check
    if (!this.#silent.has(reference)) return
    if (ok) return this.#see(check.startedAt)
    this.#silent.delete(reference)
    if (!this.#silent.size) this.#seeNothing(`${titleOf(reference.service)}: ${reason}`)
  }

  onUnstuck(check: Check<Reference>): void {
    if (check.owner.stuck === check) check.owner.stuck = undefined
  }

  #plan(): void {
    const isWanted = this.#doubts.length > 0 || this.isBlind
    if (!isWanted || this.#silent.size || this.place >= 0) return
    this.timeline.set(this, Math.max(this.clock.monotonic(), this.#roundAt + PACE))
  }

  #check(reference: Reference): void {
    if (reference.stuck?.isWrittenOff) reference.stuck = undefined
    if (reference.stuck) return void this.#silent.delete(reference)
    reference.check = new Check(this, reference, reference.service, reference.timeout)
    reference.check.start()
  }

  /** One is enough. What failed after it was asked waits for another round; so may one that is still asked. */
  #see(startedAt: number): void {
    this.#silent.clear()
    const wasBlind = this.isBlind
    if (wasBlind) this.#sightSince = startedAt
    if (wasBlind) this.#parts.onSight(startedAt)
    const doubts = this.#doubts
    this.#doubts = doubts.filter(({ failedAt }) => failedAt > startedAt)
    for (const doubt of doubts)
      if (doubt.failedAt <= startedAt) doubt.decide(doubt.startedAt >= this.#sightSince)
    this.#plan()
  }

  /** Also for what failed while the round was under way: it saw nothing either. */
  #seeNothing(reason: string): void {
    const wasBlind = this.isBlind
    this.#sightSince = Number.POSITIVE_INFINITY
    if (!wasBlind) this.#parts.onBlind(this.#roundAt, reason)
    for (const { decide } of this.#doubts.splice(0)) decide(false)
    this.#plan()
  }
}
