import type { Interval, ServiceFacts } from '@uptimeserver/core'
import { COLLECTIONS, type Document, idOf, type Left } from './documents.js'
import { leaveRead, type OldDowntime } from './downtimes.js'
import type { Choices, Plan } from './plan.js'
import { firstSign, lastWord, type OldService } from './services.js'
import type { Target } from './target.js'

/** A service that is carried over, with its downtimes. */
export interface Carried {
  readonly facts: ServiceFacts
  readonly documents: readonly Document[]
  /** When it was watched, as far as anything says so. */
  readonly start: number
  /** When that ended; `null` while it goes on. */
  readonly removed: number | null
  readonly downtimes: readonly OldDowntime[]
  /** All that can be read, also what is there twice: what its figures were made of. */
  readonly told: readonly OldDowntime[]
  /** The ids of those that are said not to count. */
  readonly excluded: readonly string[]
}

/** Something that the ancestor's record contradicts itself about. It is carried as it stands. */
export interface Doubt {
  readonly service: string
  /** The downtime that is meant; absent where one is missing. */
  readonly downtime?: string | undefined
  readonly why: string
}

export interface Decision {
  readonly carried?: Carried
  readonly left: readonly Left[]
  readonly doubts: readonly Doubt[]
}

/** Decides about one service and its downtimes, oldest first. */
export function decide(
  service: OldService,
  { kept: downtimes, told }: { readonly kept: readonly OldDowntime[]; readonly told: readonly OldDowntime[] },
  target: Target,
  { removed: said, excludedBy, over }: Choices & Pick<Plan, 'over'>,
): Decision {
  const { facts, documents } = service
  const starts = downtimes.map(({ start }) => start)
  const start = firstSign(service, starts)
  const stated = said.get(facts.id)
  // What a monitor of the record's own goes on watching is not over.
  const isTaken = target.ownSince !== undefined && target.services.has(facts.id)
  const removed = stated ?? (isTaken ? null : (over ?? null))
  const why = whyNot(service, start, removed, target)
  if (why !== undefined || start === undefined)
    return { left: [leave(service, downtimes, why ?? 'nothing says since when it was watched')], doubts: [] }
  const isLate = (downtime: OldDowntime) =>
    downtime.start >= Math.min(removed ?? Infinity, target.ownSince ?? Infinity)
  const inTime = downtimes.filter((downtime) => !isLate(downtime))
  const kept = inTime.map((each) => endedBy(each, removed))
  const doubts = stated === undefined ? doubtsOf(service, inTime) : []
  const excluded = excludedBy === undefined ? [] : doubts.flatMap(({ downtime }) => downtime ?? [])
  const late = downtimes.filter(isLate).map((downtime) => leaveLate(downtime, removed, target))
  return {
    carried: { facts, documents, start, removed, downtimes: kept, told, excluded },
    left: late,
    doubts,
  }
}

/** A record can be given no watch that is earlier than the one it has. */
function whyNot(
  { facts }: OldService,
  start: number | undefined,
  removed: number | null,
  target: Target,
): string | undefined {
  if (start === undefined) return undefined
  const known = target.services.get(facts.id)?.monitored ?? []
  const since = known[0]?.start
  const ended = known.at(-1)?.end ?? null
  if (since !== undefined && since > start)
    return `it is monitored here since ${iso(since)}; carry it into a record of its own, by another \`monitor\``
  if (target.ownSince === undefined && ended !== null && ended < (removed ?? Infinity))
    return `its watch ended here at ${iso(ended)}; carry what is later into a record of its own`
  if (target.ownSince !== undefined && start >= target.ownSince)
    return `this record's own monitor runs since ${iso(target.ownSince)}, and it is younger`
  return undefined
}

function endedBy(downtime: OldDowntime, removed: number | null): OldDowntime {
  if (removed === null || (downtime.end !== null && downtime.end <= removed)) return downtime
  return { ...downtime, end: removed }
}

function doubtsOf(service: OldService, downtimes: readonly OldDowntime[]): Doubt[] {
  const { name } = service.facts
  const said = lastWord(service)
  const open = downtimes.find(({ end }) => end === null)
  if (!open) {
    const why = 'it was down at last, and no downtime is open: one is missing'
    return said === 'down' ? [{ service: name, why }] : []
  }
  const doubt = { service: name, downtime: open.id }
  if (said === 'up') return [{ ...doubt, why: 'it is open, although its service was up at last' }]
  const later = downtimes.filter(({ start }) => start > open.start).length
  return later ? [{ ...doubt, why: `it is open, although ${later} more began after it` }] : []
}

/** When a service counts as watched. */
export function watchOf({ start, removed }: Carried): Interval {
  return { start, end: removed }
}

function leave({ facts, documents }: OldService, downtimes: readonly OldDowntime[], why: string): Left {
  const ids = documents.map(({ _id }) => idOf(_id)).join(', ')
  const and = downtimes.length ? ` and its downtimes (${downtimes.length})` : ''
  return {
    collection: COLLECTIONS.services,
    id: ids,
    what: `service ${JSON.stringify(facts.name)}${and}`,
    why,
  }
}

function leaveLate(downtime: OldDowntime, removed: number | null, { ownSince }: Target): Left {
  const { start } = downtime
  const isOurs = ownSince !== undefined && start >= ownSince
  const why = isOurs
    ? 'a monitor of this record ran by then, and knows better'
    : `its service was watched until ${iso(removed ?? start)} only`
  return leaveRead(downtime, why)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
