import { clean, type Detail, withoutUserinfo } from '@uptimeserver/core'
import { COLLECTIONS, type Document, idOf, type Left, momentOf } from './documents.js'

/** A downtime of the ancestor's that can be carried over. */
export interface OldDowntime {
  /** What it is called here. */
  readonly id: string
  readonly service: string
  readonly start: number
  readonly end: number | null
  readonly reason: string
  readonly detail?: Detail | undefined
}

/** What ids of facts begin with that were carried over. */
export const PREFIX = 'pus-'
const LONGEST_REASON = 500

/** A downtime, or why it is none. */
export function readDowntime(document: Document, service: string, now: number): OldDowntime | Left {
  const { _id, down_start_date, down_end_date, extra } = document
  const start = momentOf(down_start_date, now)
  if (typeof start === 'string') return leave(document, `down_start_date ${start}`)
  // 0 stands for one that goes on.
  const end = down_end_date === 0 ? null : momentOf(down_end_date, now)
  if (typeof end === 'string') return leave(document, `down_end_date ${end}`)
  if (end !== null && end < start) return leave(document, 'it ends before it starts, so it takes no time')
  if (end === start) return leave(document, 'it ends when it starts, so it takes no time')
  return { id: PREFIX + idOf(_id), service, start, end, ...reasonOf(extra) }
}

export function isLeft(read: OldDowntime | Left): read is Left {
  return 'why' in read
}

export function leave({ _id, down_start_date: start }: Document, why: string): Left {
  const isTime = typeof start === 'number' && Math.abs(start) < 8e12
  const what = isTime ? `downtime of ${new Date(start * 1000).toISOString()}` : 'a downtime'
  return { collection: COLLECTIONS.downtimes, id: idOf(_id), what, why }
}

/**
 * Those of one service, oldest first. One at most is open, the oldest: what began while it is open and is open too is within
 * it. What is there twice is carried once.
 */
export function tidy(downtimes: readonly OldDowntime[]): { kept: OldDowntime[]; left: Left[] } {
  const kept = new Map<string, OldDowntime>()
  const left: Left[] = []
  let open: OldDowntime | undefined
  for (const downtime of [...downtimes].sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1))) {
    const { start, end } = downtime
    const twin = kept.get(`${start} ${end}`)
    if (twin) left.push(leaveRead(downtime, `it is there twice, and carried as ${twin.id}`))
    else if (end === null && open) left.push(leaveRead(downtime, `it is within another open one, ${open.id}`))
    else {
      kept.set(`${start} ${end}`, downtime)
      if (end === null) open = downtime
    }
  }
  return { kept: [...kept.values()], left }
}

/** One that was read, and is not carried all the same. */
export function leaveRead({ id, start }: OldDowntime, why: string): Left {
  const what = `downtime of ${new Date(start).toISOString()}`
  return { collection: COLLECTIONS.downtimes, id: id.slice(PREFIX.length), what, why }
}

/** What it kept of the check that failed: a status, an exception, or how many nodes were there. */
function reasonOf(extra: unknown): Pick<OldDowntime, 'reason' | 'detail'> {
  const { status_code: status, exception, ready, unknown } = (extra ?? {}) as Document
  if (typeof status === 'number') return { reason: `status ${status}, expected 200`, detail: { status } }
  if (typeof exception === 'string' && exception.trim())
    return { reason: withoutUsers(clean(exception)).slice(0, LONGEST_REASON) }
  if (typeof ready === 'number' && typeof unknown === 'number')
    return { reason: `${ready} nodes were ready, ${unknown} unknown`, detail: { ready, unknown } }
  return { reason: 'no reason on record' }
}

/** An exception of Python's may have a whole URI in it. */
function withoutUsers(text: string): string {
  return text.replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"<>]+/gi, withoutUserinfo)
}
