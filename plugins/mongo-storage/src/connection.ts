import { type OpenOptions, reveal } from '@uptimeserver/core'
import { createClient, databaseOf } from '@uptimeserver/mongo/client'
import type { MongoClient, ReadConcern } from 'mongodb'
import { failure, storageError } from './errors.js'
import type { MongoStorageOptions } from './index.js'
import { inspect, prepare } from './opening.js'
import { type Collections, collectionsOf } from './schema.js'

/** A server that is there answers sooner; facts wait in the runner meanwhile. */
const PATIENCE = { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000, socketTimeoutMS: 30_000 }
/** So long may the members take to have a fact, in ms. */
const ACKNOWLEDGED_WITHIN = 10_000

/** One monitor's place in a database. */
export class Connection {
  readonly monitor: string
  /** Collections to write to, and to see what was written last. */
  readonly writing: Collections
  /** Collections to read from: nothing that could still be undone by an election. */
  readonly reading: Collections
  readonly #client: MongoClient
  readonly #uri: string
  readonly #isReadOnly: boolean

  static async open(options: MongoStorageOptions, open: OpenOptions): Promise<Connection> {
    const uri = reveal(options.uri)
    const guard = guarded(uri)
    const client = await guard(() => createClient(uri, options.tls, PATIENCE))
    const connection = new Connection(client, uri, options, open)
    try {
      await guard(() => connection.#prepare())
      return connection
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  private constructor(client: MongoClient, uri: string, options: MongoStorageOptions, open: OpenOptions) {
    const { db = databaseOf(uri) ?? 'uptime', prefix = 'uptime_', writeConcern: w = 'majority' } = options
    const primary = { readPreference: 'primary' } as const
    const writeConcern = { w, journal: true, wtimeoutMS: ACKNOWLEDGED_WITHIN }
    this.#client = client
    this.#uri = uri
    this.#isReadOnly = open.readOnly ?? false
    this.monitor = open.monitor
    this.writing = collectionsOf(client.db(db, { ...primary, writeConcern }), prefix)
    const readConcern = { level: 'majority' } as ReadConcern
    this.reading = collectionsOf(client.db(db, { ...primary, readConcern }), prefix)
  }

  /** Work whose errors are told in our words. */
  guard<T>(work: () => Promise<T>): Promise<T> {
    return guarded(this.#uri)(work)
  }

  write<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isReadOnly) return this.guard(work)
    throw failure('STORAGE_UNWRITABLE', 'it was opened for reading only')
  }

  async close(): Promise<void> {
    await this.#client.close().catch(() => undefined)
  }

  async #prepare(): Promise<void> {
    await inspect(this.writing)
    if (!this.#isReadOnly) await prepare(this.writing)
  }
}

function guarded(uri: string) {
  return async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw storageError(error, uri)
    }
  }
}
