import type { Query } from '@uptimeserver/core'
import { keyOf } from './documents.js'

/** A query's filter. */
export type Conditions = Record<string, unknown>

/** The years 0001 to 9999, in ms since the epoch: dates beyond them are dates to MongoDB, but not to all that reads them. */
const [EARLIEST, LATEST] = [-62_135_596_800_000, 253_402_300_799_999]

/**
 * Filters of the spans that touch `[from, to)`, in their order: first those that reach into it from before, which are found by
 * their ends, then those that begin within it. One filter for both would walk through all that ever was.
 */
export function touching(monitor: string, query: Query, more: Conditions = {}): Conditions[] {
  const { ids, from, to, open } = query
  const same = {
    ...{ monitor, ...among(monitor, ids), ...more },
    ...(open !== undefined && { $and: [{ end: open ? null : { $ne: null } }] }),
  }
  const until = to === undefined ? {} : { $lt: dateOf(to) }
  if (from === undefined) return [to === undefined ? same : { ...same, start: until }]
  const start = dateOf(from)
  const before = { $lt: dateOf(Math.min(from, to ?? from)) }
  return [
    { ...same, start: before, end: { $not: { $lte: start } } },
    { ...same, start: { $gte: start, ...until }, end: { $not: { $lt: start } } },
  ]
}

export function among(monitor: string, ids: readonly string[] | undefined): Conditions {
  return ids ? { _id: { $in: ids.map((id) => keyOf(monitor, id)) } } : {}
}

export function ofServices({ services }: Query): Conditions {
  return services ? { service: { $in: services } } : {}
}

function dateOf(ms: number): Date {
  return new Date(Math.max(EARLIEST, Math.min(LATEST, ms)))
}
