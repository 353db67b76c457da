import { messageOf } from '@uptimeserver/core'
import type { EntryOptions } from '@uptimeserver/core/kit'
import { type Outcome, type Page, readPage } from './page.js'
import type { Fault } from './parse/job.js'
import { readText, type Stamp, stampOf } from './source.js'

/** A file that has been as it is for so long is written to the end, in ms. */
const STILL = 200
/** One with a fault is read again after this, in ms: its writer may have stopped to think. */
const DOUBT = 500
/** One that changes all the time is taken as it is after this, in ms. */
const IMPATIENCE = 5_000
/** What was written to so long ago, by the machine's clock, is being written no more, in ms. */
const LONG_AGO = 2_000
/** A faulty file is read again, in ms: what it wants may be there by now, such as a secret's file. */
const AGAIN = 60_000

/** What is known of a file. */
export interface Copy {
  /** What it came to when it was good last. */
  readonly page: Page | undefined
  /** What is wrong with it since then. */
  readonly faults: readonly Fault[]
  readonly isGone: boolean
  /** Whether it is being written, or may be. */
  readonly isOpen: boolean
}

interface Change {
  stamp: string
  /** Since when it has been as it is. */
  since: number
  readonly first: number
  isDoubted: boolean
}

interface Entry {
  stamp: string | undefined
  at: number
  page: Page | undefined
  faults: readonly Fault[]
  change: Change | undefined
}

export interface Now {
  /** In ms, on a clock that never goes back. */
  readonly monotonic: number
  /** In ms since the epoch. */
  readonly wall: number
}

/** Remembers what files came to, and takes what they become once it is whole. */
export class Copies {
  readonly #options: EntryOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: EntryOptions) {
    this.#options = options
  }

  /** Forgets every file but these. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#entries.keys()) if (!paths.has(path)) this.#entries.delete(path)
  }

  async look(path: string, now: Now, signal: AbortSignal): Promise<Copy> {
    const entry = this.#entryOf(path)
    const stamp = await stampOf(path)
    if (stamp.text === entry.stamp && !this.#isDue(entry, now)) entry.change = undefined
    else if (this.#isWhole(entry, stamp, now)) await this.#take(path, entry, stamp, now, signal)
    const { page, faults, change } = entry
    return { page, faults, isGone: entry.stamp === '', isOpen: change !== undefined }
  }

  #entryOf(path: string): Entry {
    const known = this.#entries.get(path)
    if (known) return known
    const entry: Entry = { stamp: undefined, at: 0, page: undefined, faults: [], change: undefined }
    this.#entries.set(path, entry)
    return entry
  }

  #isDue({ faults, at, change }: Entry, { monotonic }: Now): boolean {
    return faults.length > 0 && (change !== undefined || monotonic - at >= AGAIN)
  }

  #isWhole(entry: Entry, { text, writtenAt }: Stamp, { monotonic, wall }: Now): boolean {
    entry.change ??= { stamp: text, since: monotonic, first: monotonic, isDoubted: false }
    const { change } = entry
    if (change.stamp !== text) Object.assign(change, { stamp: text, since: monotonic, isDoubted: false })
    if (this.#isLate(change, monotonic)) return true
    if (change.isDoubted) return monotonic - change.since >= DOUBT
    const isOld = entry.stamp === undefined && text !== '' && wall - writtenAt > LONG_AGO
    return isOld || monotonic - change.since >= STILL
  }

  #isLate({ first }: Change, monotonic: number): boolean {
    return monotonic - first >= IMPATIENCE
  }

  async #take(path: string, entry: Entry, stamp: Stamp, now: Now, signal: AbortSignal): Promise<void> {
    const change = entry.change!
    const outcome = stamp.text ? await this.#read(path, entry, signal) : { faults: [] }
    const isLate = this.#isLate(change, now.monotonic)
    if (!isLate && (await stampOf(path)).text !== stamp.text) return
    if (outcome.faults?.length && !change.isDoubted && !isLate) {
      Object.assign(change, { isDoubted: true, since: now.monotonic })
      return
    }
    entry.page = stamp.text ? (outcome.page ?? entry.page) : undefined
    entry.faults = outcome.faults ?? []
    entry.stamp = stamp.text
    entry.at = now.monotonic
    entry.change = undefined
  }

  async #read(path: string, { page }: Entry, signal: AbortSignal): Promise<Outcome> {
    try {
      const text = await readText(path)
      if ('fault' in text) return { faults: [{ reason: text.fault }] }
      return await readPage(text, this.#options, page, signal)
    } catch (error) {
      signal.throwIfAborted()
      return { faults: [{ reason: messageOf(error) }] }
    }
  }
}
