import type { AnyBulkWriteOperation, BulkWriteOptions, Collection, Document, Filter } from 'mongodb'
import { isDuplicate } from '../errors.js'

type Identified = Document & { readonly _id: string }

/** Many changes, in no order unless they ask for one. What is there already is as it should be: then it returns false. */
export async function bulk<T extends Identified>(
  collection: Collection<T>,
  operations: AnyBulkWriteOperation<T>[],
  options: BulkWriteOptions = {},
): Promise<boolean> {
  if (!operations.length) return true
  try {
    await collection.bulkWrite(operations, { ordered: false, ...options })
    return true
  } catch (error) {
    if (!isDuplicate(error)) throw error
    return false
  }
}

/** Adds documents. One that is refused although it is not there breaks a promise of the schema. */
export async function insert<T extends Identified>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<void> {
  const operations = documents.map((document) => ({ insertOne: { document } }))
  if (await bulk(collection, operations as unknown as AnyBulkWriteOperation<T>[])) return
  const filter = { _id: { $in: documents.map(({ _id }) => _id) } } as unknown as Filter<T>
  const missing = documents.length - (await collection.countDocuments(filter))
  if (missing) throw new Error(`${collection.collectionName}: ${missing} documents break a unique index`)
}
