import type { Collection } from 'mongodb'
import { keyOf, type MaintenanceDocument } from '../documents.js'
import { bulk } from './bulk.js'
import { type Effective, of } from './entry.js'
import { datesOf } from './spans.js'

export async function applyMaintenance(
  collection: Collection<MaintenanceDocument>,
  entry: Effective,
): Promise<void> {
  const { monitor, seq: order, events } = entry
  const latest = new Map(of(events, 'maintenance').map((fact) => [fact.window, fact]))
  const changes = [...latest.values()].map(({ window, services, reason, author, ...span }) => {
    const _id = keyOf(monitor, window)
    const replacement = {
      ...{ _id, monitor, window, ...datesOf(span), reason, order },
      ...(services && { services }),
      ...(author !== undefined && { author }),
    }
    // Where a later word holds, the filter finds nothing, and the insert that would follow is refused.
    return { replaceOne: { filter: { _id, order: { $lt: order } }, replacement, upsert: true } }
  })
  await bulk(collection, changes)
}
