import type { Event, Storage } from '../contracts.js'
import { UptimeError } from '../errors.js'
import type { Journals, Leftover } from '../journal/journals.js'
import { lastAliveIn } from '../monitor/restore.js'
import { reasonOf } from '../outcome.js'
import { adopt, closedHistory, type Present } from './history.js'
import { lastTerm } from './last-term.js'

/** What waits from turns that are over. Each is told as far as it may be, once. */
export class Leftovers {
  readonly #storage: Storage
  readonly #journals: Journals | undefined
  readonly #onError: (error: UptimeError) => void
  #waiting: Leftover[] = []

  constructor(storage: Storage, journals: Journals | undefined, onError: (error: UptimeError) => void) {
    this.#storage = storage
    this.#journals = journals
    this.#onError = onError
  }

  add(leftover: Leftover): void {
    if (leftover.facts.length) this.#waiting.push(leftover)
  }

  /**
   * By one who holds the lease and has not written yet: what nobody has contradicted goes on where it was.
   *
   * @param predecessorEnds until when another one may still tell of what it found, in ms since the epoch
   */
  async inherit(predecessorEnds = Number.NEGATIVE_INFINITY): Promise<void> {
    await this.#find()
    for (const leftover of [...this.#waiting]) {
      const last = await lastTerm(this.#storage)
      if (leftover.term === 0) await this.#adopt(leftover, predecessorEnds)
      else if (last <= leftover.term) await this.#record(leftover.facts, leftover.term)
      else await this.#tell(leftover)
      await this.#done(leftover)
    }
  }

  /** While another one leads: what is over, and was within one's authority. */
  async tell(): Promise<void> {
    for (const leftover of [...this.#waiting]) {
      if (leftover.term > 0) await this.#tell(leftover)
      else await this.#refuse(leftover, leftover.facts)
      await this.#done(leftover)
    }
  }

  /** By one who leads for a while already: files that have fallen silent only since it took over. */
  async tellLate(): Promise<void> {
    await this.#find()
    await this.tell()
  }

  async #find(): Promise<void> {
    const known = new Set(this.#waiting.map(({ file }) => file))
    const left = (await this.#journals?.leftBehind()) ?? []
    this.#waiting.unshift(...left.filter(({ file }) => !known.has(file)))
  }

  /** Facts that would be lost with this process. */
  get unsafe(): number {
    return this.#waiting.reduce((sum, { facts, file }) => (file ? sum : sum + facts.length), 0)
  }

  /** Only where nobody vouches for that time already. */
  async #adopt(leftover: Leftover, predecessorEnds: number): Promise<void> {
    const { facts } = leftover
    const lastAlive = (await lastAliveIn(this.#storage)) ?? Number.NEGATIVE_INFINITY
    if (facts[0]!.at < Math.max(lastAlive, predecessorEnds)) return this.#refuse(leftover, facts)
    await this.#record(adopt(facts, await presentIn(this.#storage)), undefined)
  }

  async #tell(leftover: Leftover): Promise<void> {
    const { facts, until = facts.at(-1)!.at } = leftover
    const { told, refused } = closedHistory(facts, until)
    await this.#record(told, undefined)
    await this.#refuse(leftover, refused)
  }

  async #record(facts: readonly Event[], term: number | undefined): Promise<void> {
    if (facts.length) await this.#storage.record(facts, term === undefined ? {} : { term })
  }

  /** They stay on disk, for people. */
  async #refuse(leftover: Leftover, facts: readonly Event[]): Promise<void> {
    if (!facts.length) return
    const message = `${facts.length} facts that were found without the lease are not kept: another instance has led since`
    this.#onError(new UptimeError('FACTS_REFUSED', message))
    if (leftover.file) await this.#onDisk((journals) => journals.refuse(leftover, facts))
  }

  async #done(leftover: Leftover): Promise<void> {
    const { file } = leftover
    this.#waiting = this.#waiting.filter((one) => one !== leftover)
    if (file) await this.#onDisk((journals) => journals.remove(file))
  }

  /** What a disk does not do is done again at the next start, where it changes nothing. */
  async #onDisk(work: (journals: Journals) => Promise<void>): Promise<void> {
    try {
      if (this.#journals) await work(this.#journals)
    } catch (cause) {
      this.#onError(new UptimeError('JOURNAL_FAILED', `the journal: ${reasonOf(cause)}`, { cause }))
    }
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
