import type { Event } from '../contracts.js'
import type { Disk } from './disk.js'
import { encode, type Header, type JournalRecord } from './records.js'

/** A file that has doubled, and is larger than this, is written anew with what still waits, in characters. */
const ROTATE = 4_000_000

/** The facts of one session that wait, made durable. One thing after the other. */
export class JournalFile {
  readonly name: string
  readonly #disk: Disk
  readonly #header: () => Header
  #size = 0
  /** When it was written anew last. */
  #newSize = 0
  #until: number | null = null
  /** What is there is not to be relied on: a write has failed. */
  #isTorn = false
  #tail: Promise<unknown> = Promise.resolve()

  /** @param header asked for whenever the file is written anew */
  constructor(disk: Disk, name: string, header: () => Header) {
    this.#disk = disk
    this.name = name
    this.#header = header
  }

  /** Whether there is a file. */
  get isThere(): boolean {
    return this.#size > 0
  }

  /**
   * Resolves when the facts are on disk.
   *
   * @param all everything that waits, for when the file is written anew: after a failure, or when it has grown
   */
  append(facts: readonly Event[], all: () => readonly Event[]): Promise<void> {
    return this.#next(() => {
      const hasGrown = this.#size > Math.max(ROTATE, 2 * this.#newSize)
      const isNew = !this.isThere || this.#isTorn || hasGrown
      const records: JournalRecord[] = (isNew ? all() : facts).map((fact) => ({ fact }))
      const heading: JournalRecord[] = [{ header: this.#header() }, { until: this.#until }]
      return this.#write(isNew ? [...heading, ...records] : records, isNew)
    })
  }

  /** Until when the finder may vouch for what it finds; `null`: further notice. */
  mark(until: number | null): Promise<void> {
    return this.#next(async () => {
      const isNews = this.#until !== until
      this.#until = until
      if (isNews && this.isThere) await this.#write([{ until }], false)
    })
  }

  /** Everything was delivered. */
  remove(): Promise<void> {
    return this.#next(async () => {
      if (!this.isThere && !this.#isTorn) return
      await this.#disk.remove(this.name)
      this.#size = 0
    })
  }

  async #write(records: readonly JournalRecord[], isNew: boolean): Promise<void> {
    const text = records.map(encode).join('')
    try {
      if (isNew) await this.#disk.replace(this.name, text)
      else await this.#disk.append(this.name, text)
    } catch (error) {
      this.#isTorn = true
      throw error
    }
    this.#isTorn = false
    this.#size = isNew ? text.length : this.#size + text.length
    if (isNew) this.#newSize = text.length
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined)
    return done
  }
}
