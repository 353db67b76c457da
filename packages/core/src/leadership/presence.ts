import { sleep, within } from '../clock.js'
import type { Context, Storage } from '../contracts.js'
import { standbyRow } from '../monitor/live.js'
import { reasonOf } from '../outcome.js'
import type { Instance } from './instance.js'
import type { Standing } from './leadership.js'

/** How often one that stands by says that it is there, in ms. */
const EVERY = 2_000
/** What the storage may take to hear it, in ms. */
const PATIENCE = 5_000

/** Says that this instance stands by, for `uptime status` to show. */
export class Presence {
  readonly #storage: Storage
  readonly #context: Context
  readonly #instance: Instance
  #isSaid = false

  constructor(storage: Storage, context: Context, instance: Instance) {
    this.#storage = storage
    this.#context = context
    this.#instance = instance
  }

  /** Until the signal. */
  async run(standing: () => Standing): Promise<void> {
    const { clock, signal } = this.#context
    for (; !signal.aborted; await sleep(clock, EVERY, signal)) {
      if (standing() === 'standby') await this.#say(true)
      else await this.end()
    }
  }

  async end(): Promise<void> {
    if (this.#isSaid) await this.#say(false)
  }

  async #say(isHere: boolean): Promise<void> {
    const { clock, log } = this.#context
    const row = standbyRow(this.#instance.id, Math.floor(clock.now()), isHere)
    this.#isSaid = isHere
    try {
      await within(clock, this.#storage.publish([row]), PATIENCE)
    } catch (error) {
      log.debug('it could not be said who stands by', { error: reasonOf(error) })
    }
  }
}
