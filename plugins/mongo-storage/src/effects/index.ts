import type { Event } from '@uptimeserver/core'
import type { Collections } from '../schema.js'
import { applyDowntimes } from './downtimes.js'
import type { Effective } from './entry.js'
import { applyGaps } from './gaps.js'
import { applyMaintenance } from './maintenance.js'
import { extendRuns, runsIn } from './runs.js'
import { applyServices } from './services.js'

/**
 * Brings an entry's effect into the views. Any number may do that at the same time, again, or late, when further entries
 * have been applied: the outcome is the same.
 *
 * @param signs facts that are signs of life, when these are not only the entry's own
 */
export async function apply(
  collections: Collections,
  entry: Effective,
  signs: readonly Event[] = entry.events,
): Promise<void> {
  await Promise.all([
    applyDowntimes(collections.downtimes, entry),
    applyGaps(collections.gaps, entry),
    applyServices(collections, entry),
    applyMaintenance(collections.maintenance, entry),
    extendRuns(collections.runs, entry.monitor, signs, runsIn(entry.events)),
  ])
}

export type { Effective } from './entry.js'
export { extendRuns, runsIn } from './runs.js'
