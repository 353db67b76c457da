import type { Clock, Context, Detail, Logger, Service } from '../contracts.js'
import { formatDuration } from '../duration.js'
import { UptimeError } from '../errors.js'
import { detailOf, ownTimeOf, reasonOf } from '../outcome.js'
import type { Task, Timeline } from './timeline.js'

/** What came of one check. */
export interface Outcome {
  readonly ok: boolean
  /** From start to verdict, in ms. */
  readonly latencyMs: number
  /** Why it failed. One line, at most 500 characters. */
  readonly reason: string | undefined
  readonly detail: Detail | undefined
  /** When it was so, where that is not when the check started, in ms since the epoch. */
  readonly at?: number | undefined
  /** It was cut off at its deadline. */
  readonly expired: boolean
  /** How much later than due its deadline could be acted upon, in ms: the loop was blocked. */
  readonly lateMs: number
  /** Its code ignored the signal and is still running. */
  readonly stuck: boolean
}

/** What a check needs from around it. */
export interface CheckHost<Owner> {
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  /** The verdict. Called once, never from within `start`. */
  onOutcome(check: Check<Owner>, outcome: Outcome): void
  /** A check that was stuck has ended after all. */
  onUnstuck(check: Check<Owner>): void
}

/** A check that ignored its signal for this many deadlines is written off, and a new one may start. */
const WRITE_OFF = 10
/** After the deadline, code that listens to its signal has this long to say where it was, in ms. */
const LAST_WORDS = 25

/**
 * One check: a deadline, a signal, a stopwatch. It is the context that the service gets, and it makes the signal
 * only when asked for it.
 */
export class Check<Owner = unknown> implements Context, Task {
  at = 0
  place = -1
  /** Monotonic ms. */
  readonly startedAt: number
  /** How long the check kept the loop to itself when it was called, in ms. */
  heldLoopMs = 0
  readonly owner: Owner
  readonly service: Service
  readonly #host: CheckHost<Owner>
  readonly #timeout: number
  #controller: AbortController | undefined
  #aborted: UptimeError | undefined
  #lateMs = 0
  #state: 'running' | 'expired' | 'stuck' | 'ended' = 'running'

  constructor(host: CheckHost<Owner>, owner: Owner, service: Service, timeout: number) {
    this.#host = host
    this.owner = owner
    this.service = service
    this.#timeout = timeout
    this.startedAt = host.clock.monotonic()
  }

  get clock(): Clock {
    return this.#host.clock
  }

  get log(): Logger {
    return this.#host.log
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#aborted)
    }
    return this.#controller.signal
  }

  start(): void {
    this.#host.timeline.set(this, this.startedAt + this.#timeout)
    const { service } = this
    const result = callSafely(() => service.check(this))
    this.heldLoopMs = this.#host.clock.monotonic() - this.startedAt
    result.then(
      (value) => this.#settle(value, undefined, true),
      (error) => this.#settle(undefined, error, false),
    )
  }

  /** One that is stuck is not waited for any longer. */
  get isWrittenOff(): boolean {
    return this.#host.clock.monotonic() - this.startedAt > WRITE_OFF * this.#timeout
  }

  /** Ends it without a verdict. */
  cancel(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#host.timeline.cancel(this)
    this.#abort(new UptimeError('RUNNER_STATE', 'the check was cancelled'))
  }

  /** The deadline, and once more when the last words did not come. */
  run(now: number): void {
    if (this.#state === 'running') {
      this.#state = 'expired'
      this.#lateMs = Math.max(0, now - this.at)
      this.#host.timeline.set(this, now + LAST_WORDS)
      this.#abort(this.#timeoutError())
    } else if (this.#state === 'expired') {
      this.#state = 'stuck'
      this.#report(failure(this.#timeoutError()))
    }
  }

  #settle(value: unknown, error: unknown, fulfilled: boolean): void {
    const state = this.#state
    this.#state = 'ended'
    if (state === 'stuck') return this.#host.onUnstuck(this)
    if (state === 'ended') return
    this.#host.timeline.cancel(this)
    const expired = state === 'expired'
    if (!expired) return this.#report(fulfilled ? verdictOn(value) : failure(error), false)
    this.#report(failure(fulfilled || isAbort(error) ? this.#timeoutError() : error))
  }

  #report(verdict: Finding, expired = true): void {
    const latencyMs = Math.round((this.#host.clock.monotonic() - this.startedAt) * 10) / 10
    const stuck = this.#state === 'stuck'
    const { ok, reason, detail, at } = verdict
    this.#host.onOutcome(this, { ok, reason, detail, at, latencyMs, expired, lateMs: this.#lateMs, stuck })
  }

  #timeoutError(): UptimeError {
    return new UptimeError('CHECK_TIMEOUT', `timeout after ${formatDuration(this.#timeout)}`)
  }

  #abort(reason: UptimeError): void {
    this.#aborted = reason
    this.#controller?.abort(reason)
  }
}

/** What a call returns or throws, as a promise, whatever it does. */
async function callSafely(call: () => unknown): Promise<unknown> {
  return call()
}

type Finding = Pick<Outcome, 'ok' | 'reason' | 'detail' | 'at'>

const PASSED: Finding = { ok: true, reason: undefined, detail: undefined }

function verdictOn(value: unknown): Finding {
  if (value === undefined || value === null) return PASSED
  const detail = detailOf(value)
  if (detail) return { ok: true, reason: undefined, detail, at: ownTimeOf(value) }
  const found = typeof value === 'object' ? 'something that is no plain object' : String(value)
  return failure(
    new UptimeError(
      'CHECK_RUBBISH',
      `the check returned ${found}, expected nothing or a detail object; to say down, throw`,
    ),
  )
}

function failure(error: unknown): Finding {
  try {
    const detail = detailOf((error as { detail?: unknown } | null | undefined)?.detail)
    return { ok: false, reason: reasonOf(error), detail, at: ownTimeOf(error) }
  } catch {
    return { ok: false, reason: 'failed with an error that cannot be read', detail: undefined }
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
