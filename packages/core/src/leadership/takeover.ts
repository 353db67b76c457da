import { inTime, sleep } from '../clock.js'
import type { Context, Range, Storage } from '../contracts.js'
import { UptimeError } from '../errors.js'
import { windowsOf } from '../monitor/maintenance-keeper.js'
import { type Restored, restore } from '../monitor/restore.js'
import type { Writer } from '../monitor/writer.js'
import type { MaintenancePlan } from '../schema/maintenance.js'
import type { Leftovers } from './leftovers.js'

/** What each step may take, in ms. */
const PATIENCE = 60_000
/** How often a leader looks for facts that others have left behind, in ms. */
const LATE = 60_000

/** What has to be said and read when one takes over from another, each within a time. */
export class Takeover {
  readonly #storage: Storage
  readonly #context: Context
  readonly #leftovers: Leftovers

  constructor(storage: Storage, context: Context, leftovers: Leftovers) {
    this.#storage = storage
    this.#context = context
    this.#leftovers = leftovers
  }

  /** First what waits from before, then the word that fences all others. */
  fence({ term, holder }: Writer): Promise<void> {
    return this.#inTime(async () => {
      await this.#leftovers.inherit()
      const at = Math.floor(this.#context.clock.now())
      await this.#storage.record([{ type: 'led', id: `led-${term}-${holder}`, at, holder }], { term })
    })
  }

  /** Then the present. @param predecessorEnds until when another one may still tell of what it found, in ms since the epoch */
  takeStock(
    { term }: Writer,
    plans: readonly MaintenancePlan[],
    predecessorEnds: number | undefined,
  ): Promise<Restored> {
    return this.#inTime(async () => {
      await this.#leftovers.settle(term, predecessorEnds)
      const windowsIn = (range: Range) => windowsOf(plans, range)
      return restore(this.#storage, this.#context.clock.now(), windowsIn)
    })
  }

  /** What waits belongs to a record that is gone. */
  forget(): Promise<void> {
    return this.#inTime(() => this.#leftovers.discard())
  }

  /** What one that does not lead any more may still say. */
  tell(): Promise<void> {
    return this.#inTime(() => this.#leftovers.tell())
  }

  /** What one left behind that could not be known to be gone when this one took over, now and then while it leads. */
  async lookForLateOnes(leads: () => boolean, queue: (work: () => Promise<void>) => void): Promise<void> {
    const { clock, signal } = this.#context
    for (await sleep(clock, LATE, signal); !signal.aborted; await sleep(clock, LATE, signal))
      if (leads()) queue(() => this.#inTime(() => this.#leftovers.tellLate()))
  }

  /** @throws UptimeError when it does not come to an end */
  #inTime<T>(work: () => Promise<T>): Promise<T> {
    const { clock, signal } = this.#context
    const late = () => new UptimeError('STORAGE_UNREACHABLE', 'the storage does not answer')
    return inTime(clock, work(), PATIENCE, late, signal)
  }
}
