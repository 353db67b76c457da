import type { Cursor, Event, RecordOptions, Storage } from '../contracts.js'
import { isUptimeError, UptimeError } from '../errors.js'
import { wrapped } from '../monitor/wrapped.js'

const RECORD: ReadonlySet<PropertyKey> = new Set(['record'])

/**
 * Notices when a log goes back: it was emptied, or an older copy took its place, while it was written to. Whoever knows what was
 * there would vouch for time in which downtimes were, that nobody can find any more: so nothing is taken until all have forgotten.
 */
export class RecordWatch {
  /** The same storage, which takes nothing while the record is lost. */
  readonly storage: Storage
  readonly #inner: Storage
  readonly #onLoss: (error: UptimeError) => void
  #last: Cursor = 0
  #loss: UptimeError | undefined

  constructor(storage: Storage, onLoss: (error: UptimeError) => void) {
    this.#inner = storage
    this.#onLoss = onLoss
    const record = (...args: unknown[]) => this.#record(...(args as Parameters<Storage['record']>))
    this.storage = wrapped(storage, RECORD, () => record)
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
      const cursor = await this.#inner.record(events, { ...options, after })
      if (cursor < after) this.#lose(`after entry ${after} of the log came entry ${cursor}`)
      else this.#last = Math.max(this.#last, cursor)
      return cursor
    } catch (error) {
      if (isUptimeError(error, 'RECORD_LOST')) this.#lose(error.message, error)
      throw error
    }
  }

  #lose(what: string, cause?: unknown): void {
    if (this.#loss) return
    const why = 'it was emptied, or an older copy took its place. All that is so now is recorded anew'
    const message = `what ${this.#inner.name} knew is lost: ${what}; ${why}`
    this.#loss = new UptimeError('RECORD_LOST', message, { cause, plugin: this.#inner.name })
    this.#onLoss(this.#loss)
  }
}
