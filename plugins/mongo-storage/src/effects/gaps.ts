import type { Collection } from 'mongodb'
import { type GapDocument, keyOf } from '../documents.js'
import { bulk, insert } from './bulk.js'
import { type Effective, of } from './entry.js'
import { close, closings, datesOf, meaningOf } from './spans.js'

export async function applyGaps(collection: Collection<GapDocument>, entry: Effective): Promise<void> {
  const { monitor, events, meaning } = entry
  const opened = new Map<string, GapDocument>()
  const closed = new Map<string, number>()
  for (const event of of(events, 'gap')) {
    const { id, service, end, reason } = event
    const concerns = meaningOf(meaning, id, id)
    if (concerns === null) continue
    if (concerns === id) {
      const owned = { _id: keyOf(monitor, id), monitor, id, service, reason }
      opened.set(id, { ...owned, ...datesOf(event), ...(end === null && { open: true }) })
    } else if (end !== null) close(opened, closed, concerns, end)
  }
  await bulk(collection, closings<GapDocument>(monitor, closed))
  await insert(collection, [...opened.values()])
}
