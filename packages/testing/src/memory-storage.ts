import {
  type Correction,
  type Cursor,
  type Downtime,
  type Entry,
  type Event,
  type Gap,
  type LeaseRecord,
  type LeaseStore,
  type Live,
  type Maintenance,
  type OpenOptions,
  type Query,
  type RecordOptions,
  type Run,
  type ServiceFilter,
  type ServiceRecord,
  type Storage,
  type Summary,
  type SummaryQuery,
  UptimeError,
} from '@uptimeserver/core'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The records of one monitor. */
class Book {
  readonly log: Entry[] = []
  readonly ids = new Set<string>()
  /** The downtime that a `down` opened, or was merged into. */
  readonly meant = new Map<string, string>()
  readonly services = new Map<string, Mutable<ServiceRecord>>()
  readonly downtimes = new Map<string, Mutable<Downtime>>()
  /** Service → its open downtime. */
  readonly open = new Map<string, Mutable<Downtime>>()
  readonly runs = new Map<string, Mutable<Run>>()
  readonly gaps: Mutable<Gap>[] = []
  /** Service → its open gap. */
  readonly openGaps = new Map<string, Mutable<Gap>>()
  readonly maintenance = new Map<string, Maintenance>()
  /** Key and version → summary. */
  readonly summaries = new Map<string, Summary>()
  readonly live = new Map<string, Live>()
  lease: LeaseRecord | undefined
  /** Facts of before were forgotten. */
  since: number | null = null
}

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

  async record(events: readonly Event[], { term, signal }: RecordOptions = {}): Promise<Cursor> {
    this.#insistOnWriting()
    signal?.throwIfAborted()
    const last = this.#book.log.at(-1) ?? { seq: 0, term: 0 }
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
    for (const row of live) this.#book.live.set(row.key, row)
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
      this.#book.lease = { lease: structuredClone(lease), token: String(Number(token ?? 0) + 1) }
      return this.#book.lease.token
    },
  }

  async close(): Promise<void> {}

  #insistOnWriting(): void {
    if (this.#readOnly) throw new UptimeError('STORAGE_UNWRITABLE', 'the storage was opened for reading only')
  }
}

/** Takes one fact into the views. Returns whether it belongs into the log: it is new, and no mere sign of life. */
function take(book: Book, event: Event): boolean {
  const isNew = event.type === 'alive' ? !book.runs.has(event.run) : !book.ids.has(event.id)
  if (isNew || event.type === 'alive') TAKE[event.type](book, event as never)
  if (isNew && event.type !== 'alive') book.ids.add(event.id)
  return isNew
}

/** Any fact of a run is a sign of its life. */
function extendRun({ runs }: Book, event: Event): void {
  const run = event.run === undefined ? undefined : runs.get(event.run)
  if (run) run.end = Math.max(run.end, event.at)
}

/** Whatever ended before, and was said before. */
function forget(book: Book, before: number): void {
  book.since = Math.max(book.since ?? before, before)
  const isOver = ({ end }: { readonly end: number | null }) => end !== null && end < before
  for (const views of [book.downtimes, book.runs, book.maintenance])
    for (const [key, span] of views) if (isOver(span)) views.delete(key)
  book.gaps.splice(0, book.gaps.length, ...book.gaps.filter((gap) => !isOver(gap)))
  const first = book.log.findIndex(({ events }) => events.some(({ at }) => at >= before))
  book.log.splice(0, first < 0 ? Math.max(0, book.log.length - 1) : first)
}

const TAKE: { [Type in Event['type']]: (book: Book, event: Extract<Event, { type: Type }>) => void } = {
  'service-added': (book, { service, at }) => {
    const known = book.services.get(service.id)
    const monitored = known?.monitored ?? []
    const isOpen = monitored.at(-1)?.end === null
    book.services.set(service.id, {
      ...service,
      monitored: isOpen ? monitored : [...monitored, { start: at, end: null }],
    })
  },
  'service-changed': (book, { service }) => {
    const known = book.services.get(service.id)
    if (known) book.services.set(service.id, { ...service, monitored: known.monitored })
  },
  'service-removed': (book, { service, at }) => {
    const known = book.services.get(service)
    const last = known?.monitored.at(-1)
    if (known && last?.end === null) known.monitored = [...known.monitored.slice(0, -1), { ...last, end: at }]
    book.live.delete(service)
  },
  down: (book, { id, service, start, reason, detail }) => {
    const open = book.open.get(service) ?? { id, service, start, end: null, reason, detail, corrections: [] }
    book.meant.set(id, open.id)
    book.open.set(service, open)
    book.downtimes.set(open.id, open)
  },
  up: (book, { downtime, end }) => {
    const closed = book.downtimes.get(book.meant.get(downtime) ?? downtime)
    if (closed?.end !== null) return
    closed.end = end
    book.open.delete(closed.service)
  },
  alive: (book, { run, start, at }) => {
    if (!book.runs.has(run)) book.runs.set(run, { id: run, start, end: at })
  },
  gap: (book, { id, service, start, end, reason }) => {
    const open = book.openGaps.get(service)
    if (open && end === null) return
    const gap = open?.start === start ? open : { id, service, start, end, reason }
    gap.end = end
    if (gap !== open) book.gaps.push(gap)
    if (end === null) book.openGaps.set(service, gap)
    else if (gap === open) book.openGaps.delete(service)
  },
  maintenance: (book, { window, services, start, end, reason, author }) => {
    book.maintenance.set(window, { window, services, start, end, reason, author })
  },
  correction: (book, correction: Correction) => {
    const downtime = book.downtimes.get(correction.downtime)
    if (downtime) downtime.corrections = [...downtime.corrections, correction]
  },
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

function fenced(term: number, last: number): UptimeError {
  return new UptimeError('STORAGE_FENCED', `term ${term} is over; the log is at term ${last}`)
}
