import type { Clock, Logger, Service } from '../contracts.js'
import { formatDuration } from '../duration.js'
import type { Emitter } from '../emitter.js'
import type { RunnerEvents, ServiceStatus } from '../events.js'
import { endBlindness } from './blindness.js'
import type { Bookkeeper } from './bookkeeper.js'
import { Check, type CheckHost, type Outcome } from './check.js'
import type { Ledger } from './ledger.js'
import type { LoopWatch } from './loop-watch.js'
import type { Scheduler } from './scheduler.js'
import { advance } from './state.js'
import type { Launch, Target } from './target.js'
import type { Timeline } from './timeline.js'

/** A check no longer than this shows that its service is a quick one, in ms. */
const QUICK = 1_000
/** A check that ignored its signal for this many deadlines is written off, and a new one may start. */
const WRITE_OFF = 10
/** A check that lost this share of its time because the loop was blocked proves nothing by its timeout. */
const EXCUSED_SHARE = 0.1

/** A verdict that is ours and not the check's. */
const FAILED = { ok: false, detail: undefined, latencyMs: 0, expired: true, lateMs: 0, stuck: false }

/** Whether its next check is a regular one. */
function isAtPhase({ place, unseen, state }: Target): boolean {
  return place >= 0 && !unseen && (state.status === 'up' || state.status === 'down')
}

export interface MonitorParts {
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  readonly ledger: Ledger
  readonly books: Bookkeeper
  readonly loop: LoopWatch<Target>
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
      else this.#judge(target, launch, outcome)
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
    const afterHole = endBlindness(target, ledger, this.#parts.books, check.startedAt)
    const launch = { check, at, afterHole, blockedMs: loop.blockedMs }
    target.launch = launch
    if (this.#isStuck(target)) return queueMicrotask(() => this.#failStuck(target, launch))
    check.start()
    if (loop.held(target, check.heldLoopMs)) this.#parts.look()
  }

  #isStuck(target: Target): boolean {
    if (!target.stuck) return false
    const isOver = this.clock.monotonic() - target.stuck.startedAt > WRITE_OFF * target.timing.timeout
    if (isOver) target.stuck = undefined
    return !isOver
  }

  #failStuck(target: Target, launch: Launch): void {
    if (target.launch !== launch) return
    target.launch = undefined
    const reason = 'an earlier check ignored its signal and is still running'
    this.#judge(target, launch, { ...FAILED, reason })
    this.#scheduler.release(target)
  }

  /** A deadline that the check missed because of us is no verdict; but only once, or nothing would ever be down. */
  #isExcused(target: Target, { blockedMs }: Launch, { expired, lateMs }: Outcome): boolean {
    const blocked = Math.max(lateMs, this.#parts.loop.blockedMs - blockedMs)
    target.excused = expired && !target.excused && blocked > target.timing.timeout * EXCUSED_SHARE
    return target.excused
  }

  #judge(target: Target, { at, afterHole }: Launch, outcome: Outcome): void {
    const before = target.state
    target.state = advance(before, { ok: outcome.ok, at, afterHole }, target.timing.attempts)
    target.lastCheck = at
    target.latencyMs = outcome.latencyMs
    target.message = outcome.ok ? null : (outcome.reason ?? null)
    if (target.state.status === 'soft') this.#scheduler.atRetry(target)
    else this.#scheduler.atNextTick(target)
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
