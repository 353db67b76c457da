import type { Collection } from 'mongodb'
import { keyOf } from './documents.js'
import type { Collections } from './schema.js'

/** Facts of before this were forgotten, in ms; `null`: none were. */
export async function sinceOf({ meta }: Collections, monitor: string): Promise<number | null> {
  return (await meta.findOne({ _id: keyOf('since', monitor) }))?.at?.getTime() ?? null
}

/** Lets go of what ended before, and of the log's entries that say nothing later. What goes on, and figures, stay. */
export async function forget(collections: Collections, monitor: string, before: number): Promise<void> {
  const { log, meta, downtimes, gaps, maintenance, runs } = collections
  const at = new Date(before)
  // First it is said, so that nobody counts what is half gone.
  await meta.updateOne({ _id: keyOf('since', monitor) }, { $max: { at } }, { upsert: true })
  // An end that is null is no date, and so is not before any.
  const over = { monitor, end: { $lt: at } }
  for (const collection of [downtimes, gaps, maintenance, runs] as unknown as Collection[])
    await collection.deleteMany(over)
  const options = { sort: { seq: 1 }, projection: { seq: 1 } } as const
  const kept =
    (await log.findOne({ monitor, until: { $gte: at } }, options)) ??
    (await log.findOne({ monitor }, { ...options, sort: { seq: -1 } }))
  if (kept) await log.deleteMany({ monitor, seq: { $lt: kept.seq } })
}
