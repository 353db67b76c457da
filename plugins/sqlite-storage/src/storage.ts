import { resolve } from 'node:path'
import type {
  Context,
  Cursor,
  Event,
  LeaseStore,
  Live,
  OpenOptions,
  Query,
  RecordOptions,
  ServiceFilter,
  ServiceRecord,
  Storage,
  Summary,
  SummaryQuery,
} from '@uptimeserver/core'
import { UptimeError } from '@uptimeserver/core'
import { all, type Page, Paged, raceSignal } from '@uptimeserver/core/kit'
import { Engine } from './engine.js'
import { type After, afterPage, type PageName, type PageOf } from './pages.js'
import { type MethodName, RemoteEngine } from './remote.js'

/** The storage contract over an engine: in this thread when it only reads, in one of its own when it writes. */
export class SqliteStorage implements Storage {
  readonly name = 'sqlite-storage'
  /** The file, relative to the config's folder. */
  readonly path: string
  #engine: Engine | RemoteEngine | undefined

  constructor(path: string) {
    this.path = path
  }

  async open(_context: Context, { monitor, readOnly = false, folder = '.' }: OpenOptions): Promise<void> {
    const options = { path: resolve(folder, this.path), monitor, readOnly }
    this.#engine = readOnly ? new Engine(options) : new RemoteEngine(options)
    if (!readOnly) await this.#call('live')
  }

  async record(events: readonly Event[], { term, after, signal }: RecordOptions = {}): Promise<Cursor> {
    signal?.throwIfAborted()
    const recorded = this.#call<Cursor>('record', JSON.stringify(events), term, after)
    return raceSignal(recorded, signal)
  }

  save(summaries: readonly Summary[]): Promise<void> {
    const isGone = ({ version, body }: Summary) => version === 0 && body === null
    const rows = summaries
      .filter((summary) => !isGone(summary))
      .map(({ key, version, asOf, at, body }) => [key, version, asOf, at, JSON.stringify(body)])
    const gone = summaries.filter(isGone).map(({ key }) => key)
    // What is not frozen is made again: it need not wait for the disk.
    const durable = summaries.some(({ version }) => version > 0)
    return this.#call('save', JSON.stringify(rows), JSON.stringify(gone), durable)
  }

  publish(live: readonly Live[]): Promise<void> {
    return this.#call('publish', live)
  }

  services(filter: ServiceFilter = {}): Promise<readonly ServiceRecord[]> {
    return all(this.#pages('services', filter))
  }

  live(): Promise<readonly Live[]> {
    return this.#call('live')
  }

  downtimes(query: Query = {}) {
    return this.#pages('downtimes', query)
  }

  runs(query: Query = {}) {
    return this.#pages('runs', query)
  }

  gaps(query: Query = {}) {
    return this.#pages('gaps', query)
  }

  maintenance(query: Query = {}) {
    return this.#pages('maintenance', query)
  }

  summaries(query: SummaryQuery = {}) {
    return this.#pages('summaries', query)
  }

  changes(since: Cursor) {
    return this.#pages('changes', since)
  }

  cursor(): Promise<Cursor> {
    return this.#call('cursor')
  }

  readonly leases: LeaseStore = {
    read: () => this.#call('lease'),
    write: (lease, token) => this.#call('setLease', lease, token),
  }

  async close(): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    await engine?.close()
  }

  #pages<Name extends PageName>(name: Name, query: PageOf<Name>['query']): Paged<PageOf<Name>['item']> {
    type Item = PageOf<Name>['item']
    const read = async (after?: After): Promise<Page<Item>> => {
      const items: Item[] = JSON.parse(await this.#call('page', name, query, after))
      const last = afterPage(name, items)
      return { items, next: last && (() => read(last)) }
    }
    return new Paged(read)
  }

  async #call<T>(method: MethodName, ...args: unknown[]): Promise<T> {
    const engine = this.#engine
    if (!engine) throw new UptimeError('STORAGE_FAILED', 'sqlite-storage: it is not open')
    if (engine instanceof RemoteEngine) return (await engine.call(method, ...args)) as T
    return (engine[method] as (...args: unknown[]) => T).apply(engine, args)
  }
}
