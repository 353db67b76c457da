import type { Live, Summary } from '@uptimeserver/core'
import type { AnyBulkWriteOperation, Collection } from 'mongodb'
import { keyOf, type LiveDocument, type SummaryDocument } from './documents.js'
import { bulk } from './effects/bulk.js'

/** What is made again, or shown for a moment, waits for nobody. */
const AT_ONCE = { w: 1 } as const

/** Versions that exist stay as they are; of what is not frozen yet the next takes the place. */
export async function save(
  collection: Collection<SummaryDocument>,
  monitor: string,
  summaries: readonly Summary[],
): Promise<void> {
  const operations = summaries.map((summary) => saving(monitor, summary))
  const isDurable = summaries.some(({ version }) => version > 0)
  await bulk(collection, operations, isDurable ? {} : { writeConcern: AT_ONCE })
}

function saving(
  monitor: string,
  { key, version, asOf, at, body }: Summary,
): AnyBulkWriteOperation<SummaryDocument> {
  const _id = keyOf(monitor, version, key)
  if (version === 0 && body === null) return { deleteOne: { filter: { _id } } }
  const document = { _id, monitor, key, version, asOf, at: new Date(at), body: JSON.stringify(body) }
  if (version > 0) return { insertOne: { document } }
  return { replaceOne: { filter: { _id }, replacement: document, upsert: true } }
}

export async function publish(
  collection: Collection<LiveDocument>,
  monitor: string,
  live: readonly Live[],
): Promise<void> {
  const operations = live.map(({ key, at, body }) => {
    if (body === null) return { deleteOne: { filter: { _id: keyOf(monitor, key) } } }
    const replacement = { monitor, key, at: new Date(at), body: JSON.stringify(body) }
    return { replaceOne: { filter: { _id: keyOf(monitor, key) }, replacement, upsert: true } }
  })
  await bulk(collection, operations as AnyBulkWriteOperation<LiveDocument>[], { writeConcern: AT_ONCE })
}
