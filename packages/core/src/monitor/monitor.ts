import type { Clock, Logger, Service } from '../contracts.js'
import { formatDuration } from '../duration.js'
import type { Emitter } from '../emitter.js'
import type { RunnerEvents, ServiceStatus } from '../events.js'
import { BLIND, endBlindness, loseSight } from './blindness.js'
import type { Bookkeeper } from './bookkeeper.js'
import { Check, type CheckHost, type Outcome } from './check.js'
import type { Ledger } from './ledger.js'
import type { LoopWatch } from './loop-watch.js'
import type { References } from './references.js'
import type { Scheduler } from './scheduler.js'
import { advance, lose } from './state.js'
import type { Launch, Target } from './target.js'
import type { Timeline } from './timeline.js'

/** A check no longer than this shows that its service is a quick one, in ms. */
const QUICK = 1_000
/** A check that lost this share of its time because the loop was blocked proves nothing by its timeout. */
const EXCUSED_SHARE = 0.1

/** A verdict that is ours and not the check's. */
const FAILED = { ok: false, detail: undefined, latencyMs: 0, expired: true, lateMs: 0, stuck: false }

/** Whether its next check is a regular one. */
function isAtPhase({ place, unseen, state }: Target): boolean {
  return place >= 0 && !unseen && (state.status === 'up' || state.status === 'down')
}

/**
 * A result may have a time of its own, which counts back to the check before it in this run: that one said what was so
 * until then.
 */
function launchAt({ lastCheck }: Target, launch: Launch, own: number | undefined, runStart: number): Launch {
  if (own === undefined || lastCheck === null || lastCheck < runStart || launch.afterHole) return launch
  return { ...launch, at: Math.min(Math.max(own, lastCheck), launch.at) }
}

export interface MonitorParts {
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  readonly ledger: Ledger
  readonly books: Bookkeeper
  readonly loop: LoopWatch<Target>
  /** What must be reachable for a failure to count. Absent: every failure counts. */
  readonly references: References | undefined
  readonly emitter: Emitter<RunnerEvents>
  readonly statusOf: (target: Target) => ServiceStatus
  /** Looks at the clocks, before facts are stated. May halt everything. */
  readonly look: () => void
  /** What `uptime status` shows of a target has changed. */
  readonly onSeen: (target: Target) => void
  /** A service object is no longer needed. */
  readonly onRetired: (service: Service) => void
}

/** Runs checks and turns their outcomes into states. */
export class Monitor implements CheckHost<Target> {
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  readonly #parts: MonitorParts
  readonly #scheduler: Scheduler<Target>
  /** Whose last checks proved nothing, because the monitor could reach nothing. */
  readonly #lost = new Set<Target>()

  constructor(parts: MonitorParts, schedule: (launch: (target: Target) => void) => Scheduler<Target>) {
    this.clock = parts.clock
    this.log = parts.log
    this.timeline = parts.timeline
    this.#parts = parts
    this.#scheduler = schedule((target) => this.#launch(target))
  }

  begin(targets: readonly Target[]): void {
    this.#scheduler.begin(targets)
  }

  /** Checks in flight at most, from now on. */
  resize(concurrency: number): void {
    this.#scheduler.resize(concurrency)
  }

  due(target: Target): void {
    this.#scheduler.ready(target)
  }

  /** The same for all, so that no slot that becomes free is taken by one that is to be halted next. */
  haltAll(targets: Iterable<Target>): void {
    const all = [...targets]
    for (const target of all) this.#scheduler.remove(target)
    for (const target of all) this.halt(target)
  }

  /** Ends what is in flight for a target, without a verdict, and takes it off the schedule. */
  halt(target: Target): void {
    target.launch?.check.cancel()
    target.launch = undefined
    this.#lost.delete(target)
    this.#scheduler.remove(target)
    this.#scheduler.release(target)
    this.#retireReplaced(target)
  }

  /**
   * Puts another object in a service's place. Its state stays, and so does its place in the schedule, unless `every`
   * changed; what is due at once or after a failure stays due.
   */
  replace(target: Target, service: Service, timing: Target['timing']): void {
    const old = target.service
    const moves = timing.every !== target.timing.every && isAtPhase(target)
    target.service = service
    target.timing = timing
    if (old !== service) target.replaced = [...(target.replaced ?? []), old]
    if (!target.launch) this.#retireReplaced(target)
    if (moves) this.#scheduler.atNextTick(target)
  }

  onOutcome(check: Check<Target>, outcome: Outcome): void {
    const target = check.owner
    this.#parts.loop.turned(target)
    this.#parts.look()
    const { launch } = target
    if (launch?.check !== check) return
    target.launch = undefined
    if (outcome.stuck) target.stuck = check
    target.quick = outcome.latencyMs < QUICK && !outcome.expired
    try {
      if (this.#isExcused(target, launch, outcome)) this.#scheduler.again(target)
      else this.#weigh(target, launchAt(target, launch, outcome.at, this.#parts.ledger.start), outcome)
    } finally {
      this.#retireReplaced(target)
      this.#scheduler.release(target)
    }
  }

  /** A check that kept the loop to itself for so long that its run had to end: that is its verdict. */
  condemn(target: Target, launch: Launch, ms: number): void {
    const reason = `the check kept the event loop busy for ${formatDuration(ms)}`
    if (target.unseen) target.unseen = { ...target.unseen, observedUntil: this.#parts.ledger.start }
    this.#judge(target, launch, { ...FAILED, reason, latencyMs: Math.round(ms) })
  }

  onUnstuck(check: Check<Target>): void {
    if (check.owner.stuck === check) check.owner.stuck = undefined
  }

  #launch(target: Target): void {
    const check = new Check<Target>(this, target, target.service, target.timing.timeout)
    const { ledger, loop } = this.#parts
    const at = ledger.time(check.startedAt)
    // One that is lost from sight stays so until a verdict: an outage must not be a gap for each check in it.
    const afterHole =
      this.#lost.has(target) || endBlindness(target, ledger, this.#parts.books, check.startedAt)
    const launch = { check, at, afterHole, blockedMs: loop.blockedMs }
    target.launch = launch
    if (this.#isStuck(target)) return queueMicrotask(() => this.#failStuck(target, launch))
    check.start()
    if (loop.held(target, check.heldLoopMs)) this.#parts.look()
  }

  #isStuck(target: Target): boolean {
    if (target.stuck?.isWrittenOff) target.stuck = undefined
    return target.stuck !== undefined
  }

  #failStuck(target: Target, launch: Launch): void {
    if (target.launch !== launch) return
    target.launch = undefined
    const reason = 'an earlier check ignored its signal and is still running'
    this.#weigh(target, launch, { ...FAILED, reason })
    this.#scheduler.release(target)
  }

  /** A deadline that the check missed because of us is no verdict; but only once, or nothing would ever be down. */
  #isExcused(target: Target, { blockedMs }: Launch, { expired, lateMs }: Outcome): boolean {
    const blocked = Math.max(lateMs, this.#parts.loop.blockedMs - blockedMs)
    target.excused = expired && !target.excused && blocked > target.timing.timeout * EXCUSED_SHARE
    return target.excused
  }

  /**
   * A failure counts once it is known that the monitor itself can reach anything. Until then its launch stays, so that
   * there is no other, and its slot is free.
   */
  #weigh(target: Target, launch: Launch, outcome: Outcome): void {
    const { references } = this.#parts
    if (outcome.ok || !references) return this.#judge(target, launch, outcome)
    const failedAt = this.clock.monotonic()
    target.launch = launch
    references.ask(launch.check.startedAt, (counts) => {
      if (target.launch !== launch) return
      target.launch = undefined
      if (counts) this.#judge(target, launch, outcome, failedAt)
      else this.#lose(target, launch, outcome, references.isBlind)
      this.#retireReplaced(target)
    })
  }

  /** Nobody can say how it is. It is looked at again as soon as that may be of use. */
  #lose(target: Target, launch: Launch, { latencyMs }: Outcome, isBlind: boolean): void {
    const { ledger, books, onSeen } = this.#parts
    const before = target.state
    if (!this.#lost.has(target)) loseSight(target, launch, ledger, books)
    this.#lost.add(target)
    target.state = lose(before)
    target.lastCheck = launch.at
    target.latencyMs = latencyMs
    target.message = BLIND
    if (isBlind) this.#scheduler.atNextTick(target)
    else this.#scheduler.atRetry(target)
    onSeen(target)
    books.moved(target, before, undefined)
  }

  /** Something can be reached again: looks at once at all that were lost from sight, spread as at a start. */
  findAgain(): void {
    this.#scheduler.begin([...this.#lost].filter(({ place }) => place >= 0))
  }

  #judge(target: Target, { at, afterHole }: Launch, outcome: Outcome, endedAt?: number): void {
    const before = target.state
    if (this.#lost.delete(target)) this.#parts.books.quietGap(target, target.gap ?? at, at, BLIND)
    target.state = advance(before, { ok: outcome.ok, at, afterHole }, target.timing.attempts)
    target.lastCheck = at
    target.latencyMs = outcome.latencyMs
    target.message = outcome.ok ? null : (outcome.reason ?? null)
    if (target.state.status === 'soft') this.#scheduler.atRetry(target, endedAt)
    else this.#scheduler.atNextTick(target, endedAt)
    this.#parts.onSeen(target)
    this.#tellCheck(target, outcome)
    this.#parts.books.moved(target, before, outcome.detail)
  }

  #tellCheck(target: Target, { ok, detail }: Outcome): void {
    const { emitter, statusOf } = this.#parts
    if (emitter.has('check'))
      emitter.emit('check', { service: statusOf(target), ok, at: target.lastCheck!, detail })
  }

  #retireReplaced(target: Target): void {
    for (const service of target.replaced ?? [])
      if (service !== target.service) this.#parts.onRetired(service)
    target.replaced = undefined
  }
}
