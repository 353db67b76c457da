import {
  type Cursor,
  type Event,
  type LeaseStore,
  type Live,
  type Maintenance,
  type OpenOptions,
  type Query,
  type RecordOptions,
  type ServiceFilter,
  type ServiceRecord,
  type Storage,
  type Summary,
  type SummaryQuery,
  UptimeError,
} from '@uptimeserver/core'
import { leaseToken, readLeaseToken } from '@uptimeserver/core/kit'
import { Book, extendRun, forget, TAKE, take } from './memory-book.js'

/** Where memory storages keep their records; give the same place to two and they share them. */
export class MemoryPlace {
  readonly #books = new Map<string, Book>()

  has(monitor: string): boolean {
    return this.#books.has(monitor)
  }

  book(monitor: string): Book {
    const book = this.#books.get(monitor) ?? new Book()
    this.#books.set(monitor, book)
    return book
  }
}

export interface MemoryStorageOptions {
  /** Whether facts are forgotten as soon as they may be. Default false. */
  readonly forgetful?: boolean
}

/** A storage that forgets with its process: for tests, and the plainest reading of the contract. */
export function memoryStorage(
  place: MemoryPlace = new MemoryPlace(),
  { forgetful = false }: MemoryStorageOptions = {},
): Storage {
  return new MemoryStorage(place, forgetful)
}

class MemoryStorage implements Storage {
  readonly name = 'memory'
  readonly #place: MemoryPlace
  #book = new Book()
  #readOnly = true
  readonly #isForgetful: boolean

  constructor(place: MemoryPlace, isForgetful: boolean) {
    this.#place = place
    this.#isForgetful = isForgetful
  }

  async open(_context: unknown, { monitor, readOnly = false }: OpenOptions): Promise<void> {
    this.#readOnly = readOnly
    if (!readOnly || this.#place.has(monitor)) this.#book = this.#place.book(monitor)
  }

  async record(events: readonly Event[], { term, after = 0, signal }: RecordOptions = {}): Promise<Cursor> {
    this.#insistOnWriting()
    signal?.throwIfAborted()
    const last = this.#book.log.at(-1) ?? { seq: 0, term: 0 }
    if (last.seq < after) throw lost(after, last.seq)
    if (term !== undefined && term < last.term) throw fenced(term, last.term)
    for (const event of events) if (!(event.type in TAKE)) throw refused(event.type)
    const logged = structuredClone(events).filter((event) => take(this.#book, event))
    for (const event of events) extendRun(this.#book, event)
    if (!logged.length) return last.seq
    this.#book.log.push({ seq: last.seq + 1, term: term ?? last.term, events: logged })
    return last.seq + 1
  }

  async save(summaries: readonly Summary[]): Promise<void> {
    this.#insistOnWriting()
    for (const summary of summaries) {
      const place = `${summary.key}\0${summary.version}`
      const known = this.#book.summaries.has(place)
      if (summary.version === 0 && summary.body === null) this.#book.summaries.delete(place)
      else if (!known || summary.version === 0) this.#book.summaries.set(place, structuredClone(summary))
    }
  }

  async publish(live: readonly Live[]): Promise<void> {
    this.#insistOnWriting()
    for (const row of live) {
      if (row.body === null) this.#book.live.delete(row.key)
      else this.#book.live.set(row.key, row)
    }
  }

  async services({ ids, removed = false }: ServiceFilter = {}): Promise<readonly ServiceRecord[]> {
    const all = [...this.#book.services.values()].filter(({ id }) => !ids || ids.includes(id))
    const chosen = all.filter(({ monitored }) => removed || monitored.at(-1)?.end === null)
    const since = ({ monitored }: ServiceRecord) => monitored[0]?.start ?? 0
    return structuredClone(chosen.sort((a, b) => since(a) - since(b) || compare(a.id, b.id)))
  }

  async *downtimes(query: Query = {}) {
    yield* select(this.#book.downtimes.values(), query, ({ id }) => id)
  }

  async *runs(query: Query = {}) {
    yield* select(this.#book.runs.values(), query, ({ id }) => id)
  }

  async *gaps(query: Query = {}) {
    yield* select(this.#book.gaps, query, ({ id }) => id)
  }

  async *maintenance({ services, ...query }: Query = {}) {
    const touches = (window: Maintenance) =>
      !services || !window.services || window.services.some((id) => services.includes(id))
    yield* select([...this.#book.maintenance.values()].filter(touches), query, ({ window }) => window)
  }

  async *summaries({ prefix = '', versions = false }: SummaryQuery = {}) {
    const all = [...this.#book.summaries.values()].filter(({ key }) => key.startsWith(prefix))
    const latest = new Map<string, number>()
    for (const { key, version } of all) latest.set(key, Math.max(version, latest.get(key) ?? 0))
    const chosen = all.filter(({ key, version }) => versions || latest.get(key) === version)
    yield* structuredClone(chosen.sort((a, b) => compare(a.key, b.key) || a.version - b.version))
  }

  async live(): Promise<readonly Live[]> {
    return structuredClone([...this.#book.live.values()])
  }

  async *changes(since: Cursor) {
    yield* structuredClone(this.#book.log.filter(({ seq }) => seq > since))
  }

  async cursor(): Promise<Cursor> {
    return this.#book.log.at(-1)?.seq ?? 0
  }

  async since(): Promise<number | null> {
    return this.#book.since
  }

  /** Keeps nothing that it need not. */
  async forget(before: number): Promise<void> {
    this.#insistOnWriting()
    if (this.#isForgetful) forget(this.#book, before)
  }

  readonly leases: LeaseStore = {
    read: async () => structuredClone(this.#book.lease),
    write: async (lease, token) => {
      this.#insistOnWriting()
      if (this.#book.lease?.token !== token) return undefined
      const next = leaseToken(readLeaseToken(token).count + 1, lease)
      this.#book.lease = { lease: structuredClone(lease), token: next }
      return this.#book.lease.token
    },
  }

  async close(): Promise<void> {}

  #insistOnWriting(): void {
    if (this.#readOnly) throw new UptimeError('STORAGE_UNWRITABLE', 'the storage was opened for reading only')
  }
}

interface Selectable {
  readonly start: number
  readonly end: number | null
  readonly service?: string
}

function select<T extends Selectable>(items: Iterable<T>, query: Query, idOf: (item: T) => string): T[] {
  const { ids, services, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, open } = query
  const chosen = [...items].filter((item) => {
    const { start, end, service } = item
    return (
      (!ids || ids.includes(idOf(item))) &&
      start < to &&
      (end === null || end > from || (end === start && start >= from)) &&
      (open === undefined || (end === null) === open) &&
      (!services || service === undefined || services.includes(service))
    )
  })
  return structuredClone(chosen.sort((a, b) => a.start - b.start || compare(idOf(a), idOf(b))))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function refused(type: string): UptimeError {
  return new UptimeError('FACTS_REFUSED', `there is no fact of the type ${type}`)
}

function lost(after: Cursor, last: Cursor): UptimeError {
  return new UptimeError(
    'RECORD_LOST',
    `the log ends with entry ${last}, expected entry ${after} or a later one`,
  )
}

function fenced(term: number, last: number): UptimeError {
  return new UptimeError('STORAGE_FENCED', `term ${term} is over; the log is at term ${last}`)
}
