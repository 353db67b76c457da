import { failure, isDuplicate } from './errors.js'
import { type Collections, createIndexes, SCHEMA_VERSION } from './schema.js'

/** Whose database it is. */
export const PROGRAM = 'uptimeserver'
/** The wire version of MongoDB 5.0. */
const OLDEST = 13

/** Looks whether the database can be used. Changes nothing. */
export async function inspect(collections: Collections): Promise<void> {
  await insistOnVersion(collections)
  if (await isOurs(collections)) return
  const foreign = await foreignAmong(collections)
  // In between, another process of ours may have begun.
  if (!foreign.length || (await isOurs(collections))) return
  const database = collections.meta.dbName
  const what = `the database ${database} has collections that are not ours (${foreign.join(', ')})`
  throw failure('STORAGE_FOREIGN', `${what}; name another db or prefix`)
}

/** Makes what is missing. Safe while others do the same. */
export async function prepare(collections: Collections): Promise<void> {
  try {
    await collections.meta.insertOne({ _id: 'schema', program: PROGRAM, version: SCHEMA_VERSION })
  } catch (error) {
    if (!isDuplicate(error)) throw error
  }
  await createIndexes(collections)
}

async function insistOnVersion({ meta }: Collections): Promise<void> {
  const { maxWireVersion } = await meta.db.command({ hello: 1 })
  if (maxWireVersion >= OLDEST) return
  const { version } = await meta.db.command({ buildInfo: 1 })
  throw failure('STORAGE_DRIVER', `the server is MongoDB ${version}, and 5.0 or later is needed`)
}

async function isOurs({ meta }: Collections): Promise<boolean> {
  const found = await meta.findOne({ _id: 'schema' })
  if (found?.program !== PROGRAM) return false
  if (found.version! <= SCHEMA_VERSION) return true
  const versions = `schema ${found.version}, this program knows ${SCHEMA_VERSION}`
  throw failure(
    'STORAGE_TOO_NEW',
    `${meta.namespace} was written by a newer version (${versions}); update it`,
  )
}

async function foreignAmong(collections: Collections): Promise<string[]> {
  const all = Object.values(collections) as readonly { readonly collectionName: string }[]
  const names = all.map(({ collectionName }) => collectionName)
  const found = collections.meta.db.listCollections({ name: { $in: names } }, { nameOnly: true })
  return (await found.toArray()).map(({ name }) => name)
}
