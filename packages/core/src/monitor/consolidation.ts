import { nextTime } from '../calendar/schedule.js'
import { sleep } from '../clock.js'
import type { Consolidator, ConsolidatorContext, Scope, Storage } from '../contracts.js'
import { UptimeError } from '../errors.js'
import { reasonOf } from '../outcome.js'

/** The longest a cron schedule sleeps at a time, in ms: so long it takes to notice that somebody set the clock. */
const NAP = 60_000

/** Runs one consolidator on its schedule and on demand, never twice at the same time. */
export class Consolidation {
  readonly #consolidator: Consolidator
  readonly #storage: Storage
  readonly #context: ConsolidatorContext
  #last: Promise<unknown> = Promise.resolve()

  constructor(consolidator: Consolidator, storage: Storage, context: ConsolidatorContext) {
    this.#consolidator = consolidator
    this.#storage = storage
    this.#context = context
  }

  /**
   * Until the signal; a failure is told and the next turn tries again. What was due while a turn took its time is left
   * out.
   */
  async run(onError: (error: UptimeError) => void): Promise<void> {
    const { signal } = this.#context
    const tell = (error: UptimeError) => {
      // One that the end interrupts has not failed.
      if (!signal.aborted) onError(error)
    }
    for (await this.#due(); !signal.aborted; await this.#due()) await this.once().catch(tell)
  }

  /** Once, after what is under way. @throws UptimeError `PLUGIN_FAILED` */
  once(scope?: Scope): Promise<void> {
    const turn = this.#last.then(() => this.#consolidate(scope))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  /** An interval is waited out on a clock that nobody sets; a cron line means the wall's, so that one is read again and again. */
  async #due(): Promise<void> {
    const { clock, signal } = this.#context
    const { schedule } = this.#consolidator
    if (typeof schedule !== 'object') return sleep(clock, nextTime(schedule, 0, this.#context.zone)!, signal)
    const next = () => nextTime(schedule, clock.now(), this.#context.zone) ?? Number.POSITIVE_INFINITY
    for (let due = next(); clock.now() < due && !signal.aborted; due = Math.min(due, next())) {
      await sleep(clock, Math.min(due - clock.now(), NAP), signal)
    }
  }

  async #consolidate(scope: Scope | undefined): Promise<void> {
    const { name } = this.#consolidator
    try {
      await this.#consolidator.consolidate(this.#storage, this.#context, scope)
    } catch (cause) {
      throw new UptimeError('PLUGIN_FAILED', `consolidator ${name}: ${reasonOf(cause)}`, {
        cause,
        plugin: name,
      })
    }
  }
}
