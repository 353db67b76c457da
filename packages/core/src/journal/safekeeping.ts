import { inTime, within } from '../clock.js'
import type { Clock, Event } from '../contracts.js'
import { UptimeError } from '../errors.js'
import { reasonOf } from '../outcome.js'
import type { JournalFile } from './journal-file.js'

/** What becomes of a fact: `true` once the storage has it, `false` when it must wait. Called once, when it is safe. */
export type Kept = (stored: boolean) => void

/** A fact that waits for the storage. */
export interface Item {
  event: Event
  kept: Kept | undefined
  /** Whether the journal has it, so that it survives this process. */
  isSafe: boolean
}

/** What the disk may take to make facts durable before listeners are told without, in ms. */
const PATIENCE = 5_000

/** Makes what waits durable. What comes while the disk is at work makes the next write. */
export class Safekeeping {
  readonly #clock: Clock
  readonly #file: JournalFile | undefined
  readonly #items: () => readonly Item[]
  readonly #onTrouble: (error: UptimeError) => void
  #round: Promise<void> | undefined
  #isTroubled = false

  /** @param onTrouble told once when facts cannot be made durable, until they can again */
  constructor(
    clock: Clock,
    file: JournalFile | undefined,
    items: () => readonly Item[],
    onTrouble: (error: UptimeError) => void,
  ) {
    this.#clock = clock
    this.#file = file
    this.#items = items
    this.#onTrouble = onTrouble
  }

  /** Makes everything that waits durable, and tells so. Never throws. */
  keep(): Promise<void> {
    if (!this.#file) return Promise.resolve().then(() => announce(this.#items(), false))
    this.#round ??= this.#keepAll(this.#file).finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** What waited was delivered: nothing needs to be kept any more. */
  async release(): Promise<void> {
    await this.#round
    if (this.#items().some(({ isSafe }) => isSafe)) return
    await within(
      this.#clock,
      this.#attempt((file) => file.remove()),
      PATIENCE,
    )
  }

  async mark(until: number | null): Promise<void> {
    await this.#attempt((file) => file.mark(until))
  }

  async #keepAll(file: JournalFile): Promise<void> {
    for (let unsafe = this.#unsafe(); unsafe.length; unsafe = this.#unsafe()) {
      const isSafe = await this.#attempt(() => this.#keepThese(file, unsafe))
      announce(
        unsafe.map(({ item }) => item),
        false,
      )
      if (!isSafe) return
      this.#isTroubled = false
    }
  }

  #unsafe(): { item: Item; event: Event }[] {
    return this.#items().flatMap((item) => (item.isSafe ? [] : [{ item, event: item.event }]))
  }

  async #keepThese(file: JournalFile, unsafe: readonly { item: Item; event: Event }[]): Promise<void> {
    const all = () => this.#items().map(({ event }) => event)
    const writing = file.append(
      unsafe.map(({ event }) => event),
      all,
    )
    await inTime(this.#clock, writing, PATIENCE, diskIsLate)
    // One that was extended meanwhile is on disk as it was before.
    for (const { item, event } of unsafe) if (item.event === event) item.isSafe = true
  }

  /** Returns whether it went well. */
  async #attempt(work: (file: JournalFile) => Promise<void>): Promise<boolean> {
    if (!this.#file) return false
    try {
      await work(this.#file)
      return true
    } catch (cause) {
      // What was written before may be gone as well: a disk that has failed once forgets what it was to keep.
      for (const item of this.#items()) item.isSafe = false
      if (!this.#isTroubled) this.#onTrouble(asJournalError(cause))
      this.#isTroubled = true
      return false
    }
  }
}

export function diskIsLate(): Error {
  return new Error('the disk does not answer')
}

function asJournalError(cause: unknown): UptimeError {
  const message = `the journal cannot be written: ${reasonOf(cause)}; facts that wait are kept in memory only`
  return new UptimeError('JOURNAL_FAILED', message, { cause })
}

/** Tells what became of facts, each once. */
export function announce(batch: readonly Item[], stored: boolean): void {
  for (const item of batch) {
    const { kept } = item
    item.kept = undefined
    kept?.(stored)
  }
}
