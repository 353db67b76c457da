import { messageOf, type Skipped, systemClock, within } from '@uptimeserver/core'
import type { News } from '@uptimeserver/core/kit'
import type { ChangeStream, Collection, Db, MongoClient } from 'mongodb'
import type { Session } from '../database.js'
import type { MongoQuery, Row } from '../options.js'
import { checkLimit, type Settings } from '../settings.js'

/** So many documents come at once. */
const BATCH = 1_000
/** What a polite goodbye may take, in ms. */
const GOODBYE = 1_000
/** Says that something has changed, and no more. */
const TERSE = [{ $project: { operationType: 1 } }]

export class MongoSession implements Session {
  readonly notes: Skipped[] = []
  readonly #client: MongoClient
  readonly #settings: Settings
  readonly #query: MongoQuery
  readonly #database: Db
  readonly #collection: Collection
  #isClosed = false

  constructor(client: MongoClient, settings: Settings, news: News) {
    this.#client = client
    this.#settings = settings
    this.#query = settings.query as MongoQuery
    this.#database = client.db()
    this.#collection = this.#database.collection(this.#query.collection)
    if (settings.watch) void this.#follow(this.#collection.watch(TERSE), news)
  }

  async read(signal: AbortSignal): Promise<readonly Row[]> {
    const { filter = {}, projection } = this.#query
    const { limit, timeout } = this.#settings
    const found = this.#collection.find(filter, {
      ...(projection && { projection }),
      ...{ sort: { _id: 1 }, limit: limit + 1, batchSize: BATCH, maxTimeMS: timeout, signal },
    })
    const rows = await found.toArray()
    checkLimit(rows.length, limit)
    if (!rows.length) await this.#checkCollection(signal)
    return rows
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#database.command({ ping: 1 }, { signal })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await closeClient(this.#client)
  }

  /** A collection that is not there reads as an empty one, and would end every service. */
  async #checkCollection(signal: AbortSignal): Promise<void> {
    const { collection: name } = this.#query
    const options = { nameOnly: true, authorizedCollections: true, signal }
    const [found] = await this.#database.listCollections({ name }, options).toArray()
    if (!found)
      throw new Error(`there is no collection ${name} in the database ${this.#database.databaseName}`)
  }

  /** What changed before the stream was there may have been read or not, so it is read again. */
  async #follow(stream: ChangeStream, news: News): Promise<void> {
    try {
      let change = await stream.tryNext()
      for (; change?.operationType !== 'invalidate'; change = await stream.next()) news.tell()
      throw new Error('the change stream ended, as it does when its collection is dropped or renamed')
    } catch (error) {
      if (this.#isClosed) return
      if (!WITHOUT_STREAM.has((error as { code?: unknown }).code)) return news.fail(error)
      this.notes.push({ what: 'change stream', reason: `${messageOf(error)}; the documents are polled` })
      news.tell()
    }
  }
}

/**
 * Unauthorized, CommandNotFound, CommandNotSupported, and what a server without a replica set says of the stage.
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const WITHOUT_STREAM: ReadonlySet<unknown> = new Set([13, 59, 115, 40324, 40573])

/** Whatever state it is in. Never throws. */
export async function closeClient(client: MongoClient): Promise<void> {
  await within(
    systemClock,
    client.close().catch(() => undefined),
    GOODBYE,
  )
}
