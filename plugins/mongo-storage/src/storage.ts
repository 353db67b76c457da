import {
  type Clock,
  type Context,
  type Cursor,
  type Event,
  type LeaseStore,
  type Live,
  type OpenOptions,
  parseDuration,
  type Query,
  type RecordOptions,
  type ServiceFilter,
  type ServiceRecord,
  type Storage,
  type Summary,
  type SummaryQuery,
} from '@uptimeserver/core'
import { all, type Paged, raceSignal } from '@uptimeserver/core/kit'
import { Connection } from './connection.js'
import { failure } from './errors.js'
import type { MongoStorageOptions } from './index.js'
import { MongoLeases } from './leases.js'
import { Log } from './log.js'
import { readAll } from './pages.js'
import { type ItemOf, type QueryOf, READS, type ReadName } from './reads.js'
import { forget, sinceOf } from './retention.js'
import { publish, save } from './writes.js'

interface Opened {
  readonly connection: Connection
  readonly log: Log
  readonly leases: LeaseStore
  readonly clock: Clock
}

/** The storage contract over a database. */
export class MongoStorage implements Storage {
  readonly name = 'mongo-storage'
  readonly #options: MongoStorageOptions
  readonly #retainMs: number | undefined
  #opened: Opened | undefined
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: MongoStorageOptions) {
    this.#options = options
    this.#retainMs = options.retain === undefined ? undefined : parseDuration(options.retain)
  }

  async open({ log, clock }: Context, options: OpenOptions): Promise<void> {
    const connection = await Connection.open(this.#options, options)
    this.#opened = { connection, clock, log: new Log(connection, log), leases: new MongoLeases(connection) }
  }

  get leases(): LeaseStore | undefined {
    return this.#opened?.leases
  }

  /** One batch after the other: two at once would only collide. */
  async record(events: readonly Event[], { term, after, signal }: RecordOptions = {}): Promise<Cursor> {
    signal?.throwIfAborted()
    const { connection, log } = this.#insistOnOpen()
    const recorded = this.#tail.then(() => connection.write(() => log.append(events, { term, after })))
    this.#tail = recorded.catch(() => undefined)
    return raceSignal(recorded, signal)
  }

  async save(summaries: readonly Summary[]): Promise<void> {
    const { connection } = this.#insistOnOpen()
    return connection.write(() => save(connection.writing.summaries, connection.monitor, summaries))
  }

  async publish(live: readonly Live[]): Promise<void> {
    const { connection } = this.#insistOnOpen()
    return connection.write(() => publish(connection.writing.live, connection.monitor, live))
  }

  services(filter: ServiceFilter = {}): Promise<readonly ServiceRecord[]> {
    return all(this.#read('services', filter))
  }

  downtimes(query: Query = {}) {
    return this.#read('downtimes', query)
  }

  runs(query: Query = {}) {
    return this.#read('runs', query)
  }

  gaps(query: Query = {}) {
    return this.#read('gaps', query)
  }

  maintenance(query: Query = {}) {
    return this.#read('maintenance', query)
  }

  summaries(query: SummaryQuery = {}) {
    return this.#read('summaries', query)
  }

  live(): Promise<readonly Live[]> {
    return all(this.#read('live', undefined))
  }

  changes(since: Cursor) {
    return this.#read('changes', since)
  }

  async cursor(): Promise<Cursor> {
    const { connection, log } = this.#insistOnOpen()
    return connection.guard(async () => (await log.last()).seq)
  }

  async since(): Promise<number | null> {
    const { connection } = this.#insistOnOpen()
    return connection.guard(() => sinceOf(connection.reading, connection.monitor))
  }

  async forget(before: number): Promise<void> {
    const { connection, log, clock } = this.#insistOnOpen()
    if (this.#retainMs === undefined) return
    const horizon = Math.min(before, clock.now() - this.#retainMs)
    await connection.write(async () => {
      await log.complete()
      await forget(connection.writing, connection.monitor, horizon)
    })
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    await opened?.connection.close()
  }

  /** The views are made whole before they are read; the log itself, and figures, are no views of it. */
  #read<Name extends ReadName>(name: Name, query: QueryOf<Name>): Paged<ItemOf<Name>> {
    const { connection, log } = this.#insistOnOpen()
    const isView = name !== 'changes' && name !== 'summaries'
    const open = async () => {
      if (isView) await log.complete()
      return READS[name](connection.reading, connection.monitor, query)
    }
    return readAll(open, (work) => connection.guard(work))
  }

  #insistOnOpen(): Opened {
    if (this.#opened) return this.#opened
    throw failure('STORAGE_FAILED', 'it is not open')
  }
}
