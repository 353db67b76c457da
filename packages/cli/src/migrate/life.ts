import type { Interval } from '@uptimeserver/core'
import { type Ancestor, bornAt, momentOf } from './documents.js'

/** A stretch in which the ancestor ran. */
export interface OldRun {
  readonly start: number
  readonly end: number
}

/**
 * Every moment at which the ancestor is known to have lived, in order. It kept no heartbeat, but whatever it wrote was written
 * by one that lived: each document has the time at which it was made in its id, and each downtime those at which it was opened and closed. With
 * consolidation on, that is one moment a day at least, when it wrote the figures of the day before.
 */
export function signsOfLife(ancestor: Ancestor, downtimes: readonly Interval[], now: number): number[] {
  const { services, instances, figures } = ancestor
  const documents = [...services, ...ancestor.downtimes, ...instances, ...Object.values(figures).flat()]
  const signs = [
    ...documents.flatMap((document) => bornAt(document) ?? []),
    ...downtimes.flatMap(({ start, end }) => [start, end ?? start]),
    ...instances.flatMap(({ date }) => {
      const time = momentOf(date, now)
      return typeof time === 'number' ? [time] : []
    }),
  ]
  return [...new Set(signs)].filter((time) => time <= now).sort((a, b) => a - b)
}

/**
 * When the ancestor ran: from one sign to the next where they are no further apart than it may be silent. Between others
 * nothing proves that anybody looked.
 */
export function runsOf(signs: readonly number[], silence: number): OldRun[] {
  const runs: OldRun[] = []
  for (const sign of signs) {
    const last = runs.at(-1)
    if (last && sign - last.end <= silence) runs[runs.length - 1] = { start: last.start, end: sign }
    else runs.push({ start: sign, end: sign })
  }
  return runs.filter(({ start, end }) => end > start)
}

/** The same, up to a moment. */
export function runsUntil(runs: readonly OldRun[], until: number): OldRun[] {
  return runs
    .filter(({ start }) => start < until)
    .map(({ start, end }) => ({ start, end: Math.min(end, until) }))
}
