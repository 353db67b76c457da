import { backoff, sleep, within } from '../clock.js'
import type { Clock, Event } from '../contracts.js'
import { isUptimeError, UptimeError } from '../errors.js'
import type { JournalFile } from './journal-file.js'
import { announce, type Item, type Kept, Safekeeping } from './safekeeping.js'

export interface JournalOptions {
  readonly clock: Clock
  readonly write: (events: readonly Event[], signal: AbortSignal) => Promise<unknown>
  /** Facts that may wait at most. Default 100,000 (some 30 MB). */
  readonly limit?: number | undefined
  /** Where facts are made durable while the storage does not take them. Absent: nowhere. */
  readonly file?: JournalFile | undefined
  /** Facts cannot be made durable. */
  readonly onUnsafe?: (error: UptimeError) => void
  /** The storage did not take a batch; it is tried again. */
  readonly onTrouble?: (error: unknown, waiting: number) => void
  /** The storage takes facts again. */
  readonly onRecovered?: () => void
  /** The storage has facts of a later term: nothing is delivered any more. Absent: that is a refusal like any other. */
  readonly onFenced?: (() => void) | undefined
  /** The storage refused these for good. */
  readonly onRefused?: (error: UptimeError, events: readonly Event[]) => void
}

/** Facts that are recorded at once. */
export const BATCH = 5_000
/** A storage that has not answered in this time is treated as one that failed, in ms. */
const PATIENCE = 30_000
/** Listeners are not kept waiting for a storage longer than this, in ms. */
const KEPT_AFTER = 1_000
/** At the end, what failed is tried again after this long, in ms. */
const HURRY = 100

/**
 * Facts on their way to the storage, in order. What arrives while a batch is being written makes the next one. A
 * batch that fails stays at the head and is tried again with the same ids, so nothing is lost, doubled or reordered
 * while the process lives.
 */
export class Journal {
  /** Facts that may wait at most. */
  readonly limit: number
  readonly #options: JournalOptions
  readonly #closed = new AbortController()
  /** Aborted when the end is near: what waits is tried at once. */
  readonly #hurry = new AbortController()
  /** Aborted when there is news about the storage. */
  #pausing = new AbortController()
  readonly #safekeeping: Safekeeping
  #items: Item[] = []
  #inFlight = 0
  #attempt: AbortController | undefined
  #pump: Promise<void> | undefined
  #troubled = false
  /** The storage is late or in trouble: what comes now waits, and its listeners are told so at once. */
  #behind = false

  constructor(options: JournalOptions) {
    this.#options = options
    this.limit = options.limit ?? 100_000
    const { clock, file, onUnsafe = () => undefined } = options
    this.#safekeeping = new Safekeeping(clock, file, () => this.#items, onUnsafe)
  }

  /** Facts that the storage does not have yet. */
  get waiting(): number {
    return this.#items.length
  }

  /** Facts that the storage should have by now: it is late, or in trouble. */
  get overdue(): number {
    return this.#behind ? this.#items.length : 0
  }

  /** No room for facts that can be made up for later. */
  get full(): boolean {
    return this.#items.length >= this.limit
  }

  append(event: Event, kept?: Kept): void {
    if (!this.#extendsLast(event)) this.#items.push({ event, kept, isSafe: false })
    if (this.#behind) void this.#safekeeping.keep()
    this.#pump ??= Promise.resolve().then(() => this.#deliver())
  }

  /** Waits until everything is stored, at most `ms`; a write that hangs is given up in time for another. Returns how many facts are not. */
  async close(ms: number): Promise<number> {
    const { clock } = this.#options
    const cancels = [clock.timer(() => this.#attempt?.abort(), ms / 2), clock.timer(() => this.#end(), ms)]
    this.#hurry.abort()
    this.#pausing.abort()
    await this.#pump
    for (const cancel of cancels) cancel()
    this.#end()
    return (await this.#keepRest()).filter(({ isSafe }) => !isSafe).length
  }

  /** Delivers nothing any more. Returns what is not stored, as far as that is known. */
  async halt(): Promise<{ readonly facts: readonly Event[]; readonly unsafe: number }> {
    this.#end()
    await this.#pump
    const rest = await this.#keepRest()
    return { facts: rest.map(({ event }) => event), unsafe: rest.filter(({ isSafe }) => !isSafe).length }
  }

  /** Until when what is found may be vouched for, in ms since the epoch; `null`: until further notice. */
  mark(until: number | null): void {
    void this.#safekeeping.mark(until)
  }

  async #keepRest(): Promise<readonly Item[]> {
    if (this.#items.length) await this.#safekeeping.keep()
    else await this.#safekeeping.release()
    return this.#items
  }

  /** What failed is tried again at once. */
  hurry(): void {
    this.#pausing.abort()
  }

  #end(): void {
    this.#closed.abort()
    this.#hurry.abort()
    this.#pausing.abort()
    this.#attempt?.abort()
  }

  /** Proofs of life of one run that wait side by side are one. */
  #extendsLast(event: Event): boolean {
    const last = this.#items.at(-1)
    if (event.type !== 'alive' || last?.event.type !== 'alive' || this.#items.length <= this.#inFlight)
      return false
    if (last.event.run !== event.run || last.event.start !== event.start) return false
    last.event = { ...event, id: last.event.id }
    last.isSafe = false
    return true
  }

  async #deliver(): Promise<void> {
    for (let failures = 0; this.#items.length && !this.#closed.signal.aborted; ) {
      const stored = await this.#deliverBatch()
      failures = stored ? 0 : failures + 1
      if (!stored) await this.#pause(failures)
    }
    this.#pump = undefined
  }

  async #pause(failures: number): Promise<void> {
    const { clock } = this.#options
    this.#pausing = new AbortController()
    if (!this.#hurry.signal.aborted) await sleep(clock, backoff(failures, 250, 10_000), this.#pausing.signal)
    else await sleep(clock, HURRY, this.#closed.signal)
  }

  async #deliverBatch(): Promise<boolean> {
    const batch = this.#items.slice(0, BATCH)
    this.#inFlight = batch.length
    const cancel = this.#options.clock.timer(() => this.#fallBehind(), KEPT_AFTER)
    try {
      await this.#write(batch.map(({ event }) => event))
      this.#drop(batch, true)
      return true
    } catch (error) {
      return this.#failed(error, batch)
    } finally {
      cancel()
      this.#inFlight = 0
    }
  }

  #failed(error: unknown, batch: Item[]): boolean {
    const { onFenced } = this.#options
    const isFenced = isUptimeError(error, 'STORAGE_FENCED')
    if (isFenced) onFenced?.()
    if ((isFenced && !onFenced) || isUptimeError(error, 'FACTS_REFUSED')) {
      this.#drop(batch, false)
      this.#options.onRefused?.(
        error,
        batch.map(({ event }) => event),
      )
      return true
    }
    this.#fallBehind()
    // Nobody waits for it to be over: what is here is over itself.
    if (isUptimeError(error, 'RECORD_LOST')) return false
    this.#troubled = true
    if (!this.#closed.signal.aborted) this.#options.onTrouble?.(error, this.#items.length)
    return false
  }

  #fallBehind(): void {
    this.#behind = true
    void this.#safekeeping.keep()
  }

  #drop(batch: Item[], stored: boolean): void {
    this.#items = this.#items.slice(batch.length)
    this.#behind = false
    announce(batch, stored)
    if (batch.some(({ isSafe }) => isSafe)) void this.#safekeeping.release()
    if (stored && this.#troubled) {
      this.#troubled = false
      this.#options.onRecovered?.()
    }
  }

  async #write(events: readonly Event[]): Promise<void> {
    const { clock, write } = this.#options
    const attempt = new AbortController()
    this.#attempt = attempt
    const writing = write(events, attempt.signal).then(() => true)
    if (await within(clock, writing, PATIENCE, attempt.signal)) return
    const error = new UptimeError('STORAGE_FAILED', 'the storage does not answer')
    attempt.abort(error)
    throw error
  }
}
