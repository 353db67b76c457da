import { keyOf } from './documents.js'
import { apply, type Effective } from './effects/index.js'
import type { Collections } from './schema.js'

/**
 * Gives the views what they lack of the log: after a crash, the effect of its last entries may be missing, in part or as a
 * whole. Whoever comes next does this, reading or writing.
 *
 * @param before only entries before this one, which somebody is at work on
 */
export async function completeViews(
  collections: Collections,
  monitor: string,
  before = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { log, meta } = collections
  const views = await meta.findOne({ _id: keyOf('views', monitor) })
  const entries = log.find({ monitor, seq: { $gt: views?.seq ?? 0, $lt: before } }).sort({ seq: 1 })
  for await (const { seq, facts, meaning = '[]' } of entries)
    await bringIntoViews(collections, {
      monitor,
      seq,
      events: JSON.parse(facts),
      meaning: new Map(JSON.parse(meaning)),
    })
}

/** An entry is only ever written when the views have all before it, so what was reached says it all. */
export async function bringIntoViews(
  collections: Collections,
  entry: Effective,
  signs = entry.events,
): Promise<void> {
  await apply(collections, entry, signs)
  const _id = keyOf('views', entry.monitor)
  await collections.meta.updateOne({ _id }, { $max: { seq: entry.seq } }, { upsert: true })
}
