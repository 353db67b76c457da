import type { Bookkeeper } from './bookkeeper.js'
import { Check, type CheckHost, type Outcome } from './check.js'
import type { Clock, Logger, Service } from './contracts.js'
import type { Emitter } from './emitter.js'
import type { RunnerEvents, ServiceStatus } from './events.js'
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

export interface MonitorParts {
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  readonly ledger: Ledger
  readonly books: Bookkeeper
  readonly loop: LoopWatch
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

  /** Puts another object in a service's place. Its state and its place in the schedule stay, unless `every` changed. */
  replace(target: Target, service: Service, timing: Target['timing']): void {
    const old = target.service
    const moves = timing.every !== target.timing.every
    target.service = service
    target.timing = timing
    if (old !== service) target.replaced = [...(target.replaced ?? []), old]
    if (!target.launch) this.#retireReplaced(target)
    if (moves && target.place >= 0) this.#scheduler.atNextTick(target)
  }

  onOutcome(check: Check<Target>, outcome: Outcome): void {
    const target = check.owner
    this.#parts.look()
    const { launch } = target
    if (launch?.check !== check) return
    this.#parts.loop.turned(target)
    target.launch = undefined
    if (outcome.stuck) target.stuck = check
    target.quick = outcome.latencyMs < QUICK && !outcome.expired
    if (this.#isExcused(target, launch, outcome)) this.#scheduler.again(target)
    else this.#judge(target, launch, outcome)
    this.#retireReplaced(target)
    this.#scheduler.release(target)
  }

  onUnstuck(check: Check<Target>): void {
    if (check.owner.stuck === check) check.owner.stuck = undefined
  }

  #launch(target: Target): void {
    const check = new Check<Target>(this, target, target.service, target.timing.timeout)
    const { ledger, loop } = this.#parts
    const at = ledger.time(check.startedAt)
    const launch = { check, at, afterHole: this.#noteHole(target, at), blockedMs: loop.blockedMs }
    target.launch = launch
    if (this.#isStuck(target)) return queueMicrotask(() => this.#failStuck(target, launch))
    check.start()
    loop.held(target, check.heldLoopMs)
  }

  /**
   * Records the time in which this check was due and could not start, when it is longer than one interval; in a new
   * run, all the time before the first check. Returns whether it was longer than one interval.
   */
  #noteHole(target: Target, start: number): boolean {
    const { ledger, books } = this.#parts
    const { unseen, timing } = target
    target.unseen = undefined
    if (unseen) {
      books.gap(target, Math.max(ledger.start, unseen.since), start, 'not checked yet in this run')
      return start - unseen.observedUntil > timing.every
    }
    const due = ledger.time(target.at)
    if (start - due <= timing.every) return false
    books.gap(target, due, start, 'the check could not start in time')
    return true
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
    const outcome = {
      ok: false,
      reason,
      detail: undefined,
      latencyMs: 0,
      expired: true,
      lateMs: 0,
      stuck: false,
    }
    this.#judge(target, launch, outcome)
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
    for (const service of target.replaced ?? []) this.#parts.onRetired(service)
    target.replaced = undefined
  }
}
