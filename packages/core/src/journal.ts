import { backoff, sleep, within } from './clock.js'
import type { Clock, Event } from './contracts.js'
import { isUptimeError, UptimeError } from './errors.js'

/** What becomes of a fact: `true` once the storage has it, `false` when it must wait in the queue. Called once. */
export type Kept = (stored: boolean) => void

interface Item {
  event: Event
  kept: Kept | undefined
}

export interface JournalOptions {
  readonly clock: Clock
  readonly write: (events: readonly Event[], signal: AbortSignal) => Promise<unknown>
  /** Facts that may wait at most. Default 100,000 (some 30 MB). */
  readonly limit?: number | undefined
  /** The storage did not take a batch; it is tried again. */
  readonly onTrouble?: (error: unknown, waiting: number) => void
  /** The storage takes facts again. */
  readonly onRecovered?: () => void
  /** The storage refused these for good. */
  readonly onRefused?: (error: UptimeError, events: readonly Event[]) => void
}

const BATCH = 5_000
/** A storage that has not answered in this time is treated as one that failed, in ms. */
const PATIENCE = 30_000
/** Listeners are not kept waiting for a storage longer than this, in ms. */
const KEPT_AFTER = 1_000

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
  #items: Item[] = []
  #inFlight = 0
  #pump: Promise<void> | undefined
  #troubled = false

  constructor(options: JournalOptions) {
    this.#options = options
    this.limit = options.limit ?? 100_000
  }

  /** Facts that the storage does not have yet. */
  get waiting(): number {
    return this.#items.length
  }

  /** No room for facts that can be made up for later. */
  get full(): boolean {
    return this.#items.length >= this.limit
  }

  append(event: Event, kept?: Kept): void {
    if (!this.#extendsLast(event)) this.#items.push({ event, kept })
    this.#pump ??= Promise.resolve().then(() => this.#deliver())
  }

  /** Waits until everything is stored, at most `ms`. Returns how many facts are not. */
  async close(ms: number): Promise<number> {
    const cancel = this.#options.clock.timer(() => this.#closed.abort(), ms)
    await this.#pump
    cancel()
    this.#closed.abort()
    return this.#items.length
  }

  /** Proofs of life of one run that wait side by side are one. */
  #extendsLast(event: Event): boolean {
    const last = this.#items.at(-1)
    if (event.type !== 'alive' || last?.event.type !== 'alive' || this.#items.length <= this.#inFlight)
      return false
    if (last.event.run !== event.run || last.event.start !== event.start) return false
    last.event = { ...event, id: last.event.id }
    return true
  }

  async #deliver(): Promise<void> {
    for (let failures = 0; this.#items.length && !this.#closed.signal.aborted; ) {
      const stored = await this.#deliverBatch()
      failures = stored ? 0 : failures + 1
      if (!stored) await sleep(this.#options.clock, backoff(failures, 250, 10_000), this.#closed.signal)
    }
    this.#pump = undefined
  }

  async #deliverBatch(): Promise<boolean> {
    const batch = this.#items.slice(0, BATCH)
    this.#inFlight = batch.length
    const cancel = this.#options.clock.timer(() => announce(batch, false), KEPT_AFTER)
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
    if (isUptimeError(error, 'STORAGE_FENCED') || isUptimeError(error, 'FACTS_REFUSED')) {
      this.#drop(batch, false)
      this.#options.onRefused?.(
        error,
        batch.map(({ event }) => event),
      )
      return true
    }
    announce(batch, false)
    this.#troubled = true
    this.#options.onTrouble?.(error, this.#items.length)
    return false
  }

  #drop(batch: Item[], stored: boolean): void {
    this.#items = this.#items.slice(batch.length)
    announce(batch, stored)
    if (stored && this.#troubled) {
      this.#troubled = false
      this.#options.onRecovered?.()
    }
  }

  async #write(events: readonly Event[]): Promise<void> {
    const { clock, write } = this.#options
    const attempt = new AbortController()
    const writing = write(events, attempt.signal).then(() => true)
    if (await within(clock, writing, PATIENCE, this.#closed.signal)) return
    const error = new UptimeError('STORAGE_FAILED', 'the storage does not answer')
    attempt.abort(error)
    throw error
  }
}

function announce(batch: readonly Item[], stored: boolean): void {
  for (const item of batch) {
    const { kept } = item
    item.kept = undefined
    kept?.(stored)
  }
}
