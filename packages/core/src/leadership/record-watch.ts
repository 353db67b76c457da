import { inTime } from '../clock.js'
import type { Clock, Cursor, Event, RecordOptions, Storage } from '../contracts.js'
import { isUptimeError, UptimeError } from '../errors.js'
import { wrapped } from '../monitor/wrapped.js'

const CALLS: ReadonlySet<PropertyKey> = new Set(['record', 'cursor', 'save', 'forget'])
/** What an answer may take, in ms. */
const PATIENCE = 30_000

/**
 * Notices when a log goes back: it was emptied, or an older copy took its place, while it was written to. Whoever knows what was
 * there would vouch for time in which downtimes were, that nobody can find any more: so nothing is taken until all have forgotten.
 */
export class RecordWatch {
  /** The same storage, which answers in time, and takes nothing while the record is lost. */
  readonly storage: Storage
  readonly #inner: Storage
  readonly #clock: Clock
  readonly #onLoss: (error: UptimeError) => void
  #last: Cursor = 0
  #loss: UptimeError | undefined

  constructor(storage: Storage, clock: Clock, onLoss: (error: UptimeError) => void) {
    this.#inner = storage
    this.#clock = clock
    this.#onLoss = onLoss
    const record = (...args: unknown[]) => this.#record(...(args as Parameters<Storage['record']>))
    const cursor = () => this.#inTime(this.#inner.cursor())
    this.storage = wrapped(storage, CALLS, (method, key) => {
      if (key === 'record') return record
      return key === 'cursor' ? cursor : this.#unlessLost(method)
    })
  }

  /** How far the log has come, as far as is known; 0: nothing is. */
  get last(): Cursor {
    return this.#last
  }

  get isLost(): boolean {
    return this.#loss !== undefined
  }

  /** Nobody goes by what was on record: what is there now is what counts. */
  accept(): void {
    this.#loss = undefined
    this.#last = 0
  }

  async #record(events: readonly Event[], options: RecordOptions = {}): Promise<Cursor> {
    if (this.#loss) throw this.#loss
    // Of two that are under way, the answer to the first may come last.
    const after = this.#last
    try {
      const cursor = await this.#inTime(this.#inner.record(events, { ...options, after }), options.signal)
      if (cursor < after) this.#lose(`after entry ${after} of the log came entry ${cursor}`)
      else this.#last = Math.max(this.#last, cursor)
      return cursor
    } catch (error) {
      if (isUptimeError(error, 'RECORD_LOST')) this.#lose(error.message, error)
      throw error
    }
  }

  /** Figures of what was there must not come to stand beside what is there now. */
  #unlessLost<Arguments extends unknown[], T>(method: (...args: Arguments) => Promise<T>) {
    return async (...args: Arguments): Promise<T> => {
      if (this.#loss) throw this.#loss
      return method(...args)
    }
  }

  #inTime<T>(answer: Promise<T>, signal?: AbortSignal): Promise<T> {
    const late = () => new UptimeError('STORAGE_UNREACHABLE', 'the storage does not answer')
    return inTime(this.#clock, answer, PATIENCE, late, signal)
  }

  #lose(what: string, cause?: unknown): void {
    if (this.#loss) return
    const why = `${this.#inner.name} was emptied, or an older copy took its place`
    const message = `the record is lost: ${why}; what is so now is recorded anew (${what})`
    this.#loss = new UptimeError('RECORD_LOST', message, { cause, plugin: this.#inner.name })
    this.#onLoss(this.#loss)
  }
}
