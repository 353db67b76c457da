import type { Event, Storage } from '../contracts.js'
import { UptimeError } from '../errors.js'
import { lastAliveIn } from '../monitor/restore.js'
import { adopt, closedHistory, type Present } from './history.js'
import { lastTerm } from './last-term.js'

/** Facts that a turn of checking left behind, because the storage did not take them. */
export interface Leftover {
  /** The term in which they were found; 0 when nobody could be asked for one. */
  readonly term: number
  readonly facts: readonly Event[]
  /** The end of the finder's authority, in ms since the epoch. Absent: it had it to the end. */
  readonly until?: number | undefined
}

/** What waits from turns that are over. Each is told as far as it may be, once. */
export class Leftovers {
  readonly #storage: Storage
  readonly #onError: (error: UptimeError) => void
  #waiting: Leftover[] = []

  constructor(storage: Storage, onError: (error: UptimeError) => void) {
    this.#storage = storage
    this.#onError = onError
  }

  add(leftover: Leftover): void {
    if (leftover.facts.length) this.#waiting.push(leftover)
  }

  /** By one who holds the lease and has not written yet: what nobody has contradicted goes on where it was. */
  async inherit(): Promise<void> {
    for (const leftover of [...this.#waiting]) {
      const last = await lastTerm(this.#storage)
      if (leftover.term === 0) await this.#adopt(leftover)
      else if (last <= leftover.term) await this.#record(leftover.facts, leftover.term)
      else await this.#tell(leftover)
      this.#done(leftover)
    }
  }

  /** While another one leads: what is over, and was within one's authority. */
  async tell(): Promise<void> {
    for (const leftover of [...this.#waiting]) {
      if (leftover.term > 0) await this.#tell(leftover)
      else this.#refuse(leftover.facts)
      this.#done(leftover)
    }
  }

  get count(): number {
    return this.#waiting.reduce((sum, { facts }) => sum + facts.length, 0)
  }

  /** Only where nobody vouches for that time already. */
  async #adopt({ facts }: Leftover): Promise<void> {
    const lastAlive = (await lastAliveIn(this.#storage)) ?? Number.NEGATIVE_INFINITY
    if (facts[0]!.at < lastAlive) return this.#refuse(facts)
    await this.#record(adopt(facts, await presentIn(this.#storage)), undefined)
  }

  async #tell({ facts, until = facts.at(-1)!.at }: Leftover): Promise<void> {
    const { told, refused } = closedHistory(facts, until)
    await this.#record(told, undefined)
    this.#refuse(refused)
  }

  async #record(facts: readonly Event[], term: number | undefined): Promise<void> {
    if (facts.length) await this.#storage.record(facts, term === undefined ? {} : { term })
  }

  #refuse(facts: readonly Event[]): void {
    if (!facts.length) return
    const message = `${facts.length} facts that were found without the lease are not kept: another instance has led since`
    this.#onError(new UptimeError('FACTS_REFUSED', message))
  }

  #done(leftover: Leftover): void {
    this.#waiting = this.#waiting.filter((one) => one !== leftover)
  }
}

async function presentIn(storage: Storage): Promise<Present> {
  const services = new Set((await storage.services()).map(({ id }) => id))
  const downtimes = new Map<string, string>()
  for await (const { service, id } of storage.downtimes({ open: true })) downtimes.set(service, id)
  const gaps = new Map<string, number>()
  for await (const { service, start } of storage.gaps({ open: true })) gaps.set(service, start)
  return { services, downtimes, gaps }
}
