import { sleep } from './clock.js'
import type { Consolidator, ConsolidatorContext, Range, Storage } from './contracts.js'
import { parseDuration } from './duration.js'
import { UptimeError } from './errors.js'
import { reasonOf } from './outcome.js'

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

  /** Until the signal; a failure is told and the next turn tries again. */
  async run(onError: (error: UptimeError) => void): Promise<void> {
    const { clock, signal } = this.#context
    const every = parseDuration(this.#consolidator.schedule) ?? 60_000
    for (await sleep(clock, every, signal); !signal.aborted; await sleep(clock, every, signal)) {
      await this.once().catch(onError)
    }
  }

  /** Once, after what is under way. @throws UptimeError `PLUGIN_FAILED` */
  once(range?: Range): Promise<void> {
    const turn = this.#last.then(() => this.#consolidate(range))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #consolidate(range: Range | undefined): Promise<void> {
    const { name } = this.#consolidator
    try {
      await this.#consolidator.consolidate(this.#storage, this.#context, range)
    } catch (cause) {
      throw new UptimeError('PLUGIN_FAILED', `consolidator ${name}: ${reasonOf(cause)}`, {
        cause,
        plugin: name,
      })
    }
  }
}
