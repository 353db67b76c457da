import { createClient, databaseOf, hasNoServer } from '@uptimeserver/mongo/client'
import type { MongoClient, ReadConcern } from 'mongodb'
import type { MongoStorageOptions } from './index.js'
import { type Collections, collectionsOf } from './schema.js'

/** A server that is there answers sooner; facts wait in the runner meanwhile. */
const PATIENCE = { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000, socketTimeoutMS: 30_000 }
/** So long may the members take to have a fact, in ms. */
const ACKNOWLEDGED_WITHIN = 10_000

/** The collections as one client sees them. */
export class Place {
  readonly writing: Collections
  readonly reading: Collections
  readonly #client: MongoClient
  #isLost = false

  /** A client that is not connected yet. */
  static async at(uri: string, options: MongoStorageOptions): Promise<Place> {
    return new Place(await createClient(uri, options.tls, PATIENCE), uri, options)
  }

  private constructor(client: MongoClient, uri: string, options: MongoStorageOptions) {
    const { db = databaseOf(uri) ?? 'uptime', prefix = 'uptime_', writeConcern: w = 'majority' } = options
    const primary = { readPreference: 'primary' } as const
    const writeConcern = { w, journal: true, wtimeoutMS: ACKNOWLEDGED_WITHIN }
    const readConcern = { level: 'majority' } as ReadConcern
    this.#client = client
    this.writing = collectionsOf(client.db(db, { ...primary, writeConcern }), prefix)
    this.reading = collectionsOf(client.db(db, { ...primary, readConcern }), prefix)
    client.on('topologyDescriptionChanged', ({ newDescription }) => {
      this.#isLost = hasNoServer(newDescription)
    })
    // So ends a first attempt to connect that fails, and the driver makes no second one.
    client.on('topologyClosed', () => {
      this.#isLost = true
    })
  }

  /** Whether its client can never find a server again. */
  get isLost(): boolean {
    return this.#isLost
  }

  async close(): Promise<void> {
    await this.#client.close().catch(() => undefined)
  }
}
