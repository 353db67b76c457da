import type { Event } from '@uptimeserver/core'
import type { AnyBulkWriteOperation, Collection } from 'mongodb'
import { keyOf, type RunDocument } from '../documents.js'
import { bulk } from './bulk.js'
import { of } from './entry.js'

/** Runs whose first sign of life is among these. */
export function runsIn(events: readonly Event[]): ReadonlySet<string> {
  return new Set(of(events, 'alive').map(({ run }) => run))
}

/**
 * Any fact of a run is a sign of its life.
 *
 * @param begun runs that may not be there yet
 */
export async function extendRuns(
  collection: Collection<RunDocument>,
  monitor: string,
  events: readonly Event[],
  begun: ReadonlySet<string> = new Set(),
): Promise<void> {
  const ends = new Map<string, number>()
  for (const { run, at } of events) {
    if (run !== undefined) ends.set(run, Math.max(ends.get(run) ?? at, at))
  }
  const starts = new Map(of(events, 'alive').map(({ run, start }) => [run, start]))
  const changes = [...ends].map(([id, end]) => {
    const upsert = begun.has(id)
    const beginning = { monitor, id, start: new Date(starts.get(id) ?? end) }
    const update = { $max: { end: new Date(end) }, ...(upsert && { $setOnInsert: beginning }) }
    return { updateOne: { filter: { _id: keyOf(monitor, id) }, update, upsert } }
  })
  await bulk(collection, changes as AnyBulkWriteOperation<RunDocument>[])
}
