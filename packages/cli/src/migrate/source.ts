import { messageOf, UptimeError, withoutUserinfo } from '@uptimeserver/core'
import { waitFor } from '../patience.js'
import { type Ancestor, COLLECTIONS, type Document } from './documents.js'
import { loadDriver, type MongoClient } from './driver.js'

export interface Place {
  readonly uri: string
  readonly db: string
  /** The folder of the config, where the driver is. */
  readonly folder: string
}

/** How long a server may take to be found, in ms. */
const PATIENCE = 10_000
/** The body of a page that failed may be large, and is carried nowhere. */
const WITHOUT_BODY = { 'extra.text': 0 }

/**
 * Reads everything that python-uptimeserver has on record, and writes nothing.
 *
 * @throws UptimeError `STORAGE_DRIVER`, `STORAGE_UNREACHABLE`, `CONFIG_INVALID` for a URI that is none, `NOT_FOUND` where there is
 * no such record
 */
export async function readAncestor({ uri, db, folder }: Place): Promise<Ancestor> {
  const client = clientFor(uri, folder)
  try {
    await waitFor(`reading ${db}`, client.connect())
    return await waitFor(`reading ${db}`, readAll(client, db))
  } catch (cause) {
    throw cause instanceof UptimeError ? cause : unreachable(uri, cause)
  } finally {
    await client.close().catch(() => undefined)
  }
}

function clientFor(uri: string, folder: string): MongoClient {
  const { MongoClient } = loadDriver(folder)
  try {
    const patience = /serverSelectionTimeoutMS=/i.test(uri) ? {} : { serverSelectionTimeoutMS: PATIENCE }
    return new MongoClient(uri, { appName: 'uptime migrate', ...patience })
  } catch (cause) {
    const found = `found ${JSON.stringify(withoutUserinfo(uri))}, expected mongodb://host or mongodb+srv://host`
    throw new UptimeError('CONFIG_INVALID', `--uri: ${found}: ${messageOf(cause)}`, { cause })
  }
}

async function readAll(client: MongoClient, db: string): Promise<Ancestor> {
  const read = (name: keyof typeof COLLECTIONS, projection?: object) =>
    gather(
      client
        .db(db)
        .collection(COLLECTIONS[name])
        .find({}, projection ? { projection } : {}),
    )
  const services = await read('services')
  const downtimes = await read('downtimes', WITHOUT_BODY)
  if (!services.length && !downtimes.length) throw nothingIn(db)
  return {
    ...{ services, downtimes, instances: await read('instances') },
    figures: { day: await read('day'), week: await read('week'), month: await read('month') },
  }
}

async function gather(documents: AsyncIterable<Document>): Promise<Document[]> {
  const all: Document[] = []
  for await (const document of documents) all.push(document)
  return all
}

function nothingIn(db: string): UptimeError {
  const found = `neither services (collection ${COLLECTIONS.services}) nor downtimes (${COLLECTIONS.downtimes})`
  return new UptimeError('NOT_FOUND', `the database ${JSON.stringify(db)} holds ${found}; check --db`)
}

function unreachable(uri: string, cause: unknown): UptimeError {
  const where = withoutUserinfo(uri).replace(/\?.*/, '')
  return new UptimeError('STORAGE_UNREACHABLE', `${where} cannot be read: ${messageOf(cause)}`, { cause })
}
