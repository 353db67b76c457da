import { inTime } from '../clock.js'
import type { Clock, Event, Storage } from '../contracts.js'
import { isUptimeError, UptimeError } from '../errors.js'
import { BATCH } from '../journal/journal.js'
import type { Journals, Leftover } from '../journal/journals.js'
import { diskIsLate } from '../journal/safekeeping.js'
import { openIn } from '../monitor/restore.js'
import { reasonOf } from '../outcome.js'
import { adopt, closedHistory } from './history.js'
import { lastTerm } from './last-term.js'

/** What the disk may take to say what others have left behind, in ms. */
const PATIENCE = 5_000
const LED_SINCE = 'they were found without the lease, and another instance has led since'

/** What waits from turns that are over. Each is told as far as it may be, once. */
export class Leftovers {
  readonly #storage: Storage
  readonly #journals: Journals | undefined
  readonly #clock: Clock
  readonly #onError: (error: UptimeError) => void
  #waiting: Leftover[] = []
  #isTroubled = false

  constructor(
    storage: Storage,
    journals: Journals | undefined,
    clock: Clock,
    onError: (error: UptimeError) => void,
  ) {
    this.#storage = storage
    this.#journals = journals
    this.#clock = clock
    this.#onError = onError
  }

  add(leftover: Leftover): void {
    if (leftover.facts.length) this.#waiting.push(leftover)
  }

  /** By one who holds the lease and has not written yet: what nobody has contradicted goes on where it was. */
  async inherit(): Promise<void> {
    await this.#find()
    for (const leftover of this.#waiting.filter(({ term }) => term > 0)) {
      const last = await lastTerm(this.#storage)
      if (last <= leftover.term) await this.#record(leftover, leftover.facts, leftover.term)
      else await this.#tell(leftover)
      await this.#done(leftover)
    }
  }

  /**
   * By one who has begun to write: also what was found while nobody could be asked.
   *
   * @param term of the one who writes
   * @param predecessorEnds until when another one may still tell of what it found, in ms since the epoch
   */
  async settle(term: number, predecessorEnds = Number.NEGATIVE_INFINITY): Promise<void> {
    for (const leftover of [...this.#waiting]) {
      if (leftover.term > 0) await this.#tell(leftover)
      else await this.#adopt(leftover, term, predecessorEnds)
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

  /** All of it belongs to a record that is gone. */
  discard(): Promise<void> {
    return this.#discard(() => true)
  }

  /** Proofs of life alone are no loss. */
  async #discard(isGone: (leftover: Leftover) => boolean): Promise<void> {
    for (const leftover of this.#waiting.filter(isGone)) {
      const found = leftover.facts.filter(({ type }) => type !== 'alive')
      await this.#refuse(leftover, found, 'the record that they belong to is lost')
      await this.#done(leftover)
    }
  }

  /** Facts that would be lost with this process. */
  get unsafe(): number {
    return this.#waiting.reduce((sum, { unsafe }) => sum + unsafe, 0)
  }

  /** A disk that does not say what is there keeps nobody from going on without. */
  async #find(): Promise<void> {
    const journals = this.#journals
    if (!journals) return
    const known = new Set(this.#waiting.map(({ file }) => file))
    await this.#onDisk(async () => {
      const left = await inTime(this.#clock, journals.leftBehind(), PATIENCE, diskIsLate)
      this.#waiting.unshift(...left.filter(({ file }) => !known.has(file)))
    })
    const cursor = await this.#storage.cursor()
    await this.#discard(({ after = 0 }) => after > cursor)
  }

  /** Only where nobody else vouches for that time already, or may do so still. */
  async #adopt(leftover: Leftover, term: number, predecessorEnds: number): Promise<void> {
    const { facts, othersEnd } = await this.#unrecorded(leftover)
    if (!facts.length) return
    if (facts[0]!.at < Math.max(othersEnd, predecessorEnds)) return this.#refuse(leftover, facts)
    await this.#record(leftover, adopt(facts, await openIn(this.#storage)), term)
  }

  /** One that adopted them may have died before their file was gone. To adopt them again would say something else. */
  async #unrecorded({ facts }: Leftover): Promise<{ facts: readonly Event[]; othersEnd: number }> {
    const own = new Set(facts.map(({ run }) => run))
    const ends = new Map<string | undefined, number>()
    let othersEnd = Number.NEGATIVE_INFINITY
    for await (const { id, end } of this.#storage.runs()) {
      if (own.has(id)) ends.set(id, end)
      else othersEnd = Math.max(othersEnd, end)
    }
    const isNew = ({ run, at }: Event) => at > (ends.get(run) ?? Number.NEGATIVE_INFINITY)
    return { facts: facts.filter(isNew), othersEnd }
  }

  async #tell(leftover: Leftover): Promise<void> {
    const { facts, until = facts.at(-1)!.at } = leftover
    const { told, refused } = closedHistory(facts, until)
    await this.#record(leftover, told, undefined)
    await this.#refuse(leftover, refused)
  }

  /** What the storage does not take for good must not keep the rest from it. */
  async #record(leftover: Leftover, facts: readonly Event[], term: number | undefined): Promise<void> {
    for (let start = 0, end = 0; start < facts.length; start = end) {
      end = start + BATCH
      // What was found in one moment stays together, so that a run's end tells what is on record.
      while (facts[end]?.at === facts[end - 1]?.at && end < facts.length) end++
      const batch = facts.slice(start, end)
      try {
        await this.#storage.record(batch, term === undefined ? {} : { term })
      } catch (error) {
        if (!isUptimeError(error, 'FACTS_REFUSED')) throw error
        await this.#refuse(leftover, batch, error.message)
      }
    }
  }

  /** They stay on disk, for people. */
  async #refuse(leftover: Leftover, facts: readonly Event[], why = LED_SINCE): Promise<void> {
    if (!facts.length) return
    const message = `${facts.length} facts that waited are not kept: ${why}`
    this.#onError(new UptimeError('FACTS_REFUSED', message))
    if (leftover.file) await this.#onDisk(async () => this.#journals?.refuse(leftover, facts))
  }

  async #done(leftover: Leftover): Promise<void> {
    const { file } = leftover
    this.#waiting = this.#waiting.filter((one) => one !== leftover)
    if (file) await this.#onDisk(async () => this.#journals?.remove(file))
  }

  /** What a disk does not do is done again at the next start, where it changes nothing. Told once. */
  async #onDisk(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#isTroubled = false
    } catch (cause) {
      const error = new UptimeError('JOURNAL_FAILED', `the journal: ${reasonOf(cause)}`, { cause })
      if (!this.#isTroubled) this.#onError(error)
      this.#isTroubled = true
    }
  }
}
