import type { Correction } from '@uptimeserver/core'
import type { AnyBulkWriteOperation, Collection } from 'mongodb'
import { type CorrectionDocument, type DowntimeDocument, keyOf } from '../documents.js'
import { bulk, insert } from './bulk.js'
import { type Effective, type Of, of } from './entry.js'
import { close, closings, datesOf, meaningOf } from './spans.js'

/** A correction is a later word, so those of downtimes that are made here come after these. */
export async function applyDowntimes(
  collection: Collection<DowntimeDocument>,
  entry: Effective,
): Promise<void> {
  const { monitor, events, meaning } = entry
  const opened = new Map<string, DowntimeDocument>()
  const closed = new Map<string, number>()
  const later: AnyBulkWriteOperation<DowntimeDocument>[] = []
  for (const event of of(events, 'down', 'up', 'correction')) {
    const concerns = meaningOf(meaning, event.id, event.type === 'down' ? event.id : event.downtime)
    if (concerns === null) continue
    if (event.type === 'up') close(opened, closed, concerns, event.end)
    else if (event.type === 'correction') later.push(correct(monitor, event))
    else if (concerns === event.id) opened.set(event.id, openedBy(monitor, event))
    else later.push(alsoCalled(monitor, concerns, event.id))
  }
  await bulk(collection, closings<DowntimeDocument>(monitor, closed))
  await insert(collection, [...opened.values()])
  await bulk(collection, later, { ordered: true })
}

function openedBy(
  monitor: string,
  { id, service, start, end, reason, detail }: Of<'down'>,
): DowntimeDocument {
  return {
    ...{ _id: keyOf(monitor, id), monitor, id, service, reason },
    ...{ ...datesOf({ start, end: end ?? null }), ...(end === undefined && { open: true }) },
    ...(detail && { detail: JSON.stringify(detail) }),
  }
}

function alsoCalled(monitor: string, id: string, name: string): AnyBulkWriteOperation<DowntimeDocument> {
  return { updateOne: { filter: { _id: keyOf(monitor, id) }, update: { $addToSet: { also: name } } } }
}

function correct(monitor: string, correction: Correction): AnyBulkWriteOperation<DowntimeDocument> {
  const { type: _, downtime, at, ...said } = correction
  const document: CorrectionDocument = { ...said, at: new Date(at) }
  const filter = { _id: keyOf(monitor, downtime), 'corrections.id': { $ne: correction.id } }
  return { updateOne: { filter, update: { $push: { corrections: document } } } }
}
