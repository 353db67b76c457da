import {
  type Disk,
  type Event,
  folderDisk,
  type Holder,
  holderOf,
  type JournalReport,
  messageOf,
  readJournals,
  UptimeError,
} from '@uptimeserver/core'
import { iso } from './output.js'

/** What is on a journal's disk, for people. */
export interface Waiting {
  /** Facts that wait, or were refused, by file; the oldest first. */
  readonly files: readonly JournalReport[]
  /** Copies of journals of which not everything could be read. */
  readonly setAside: readonly string[]
}

/** Changes nothing, and makes no folder. @throws UptimeError `JOURNAL_FAILED` */
export async function readWaiting(folder: string): Promise<Waiting> {
  try {
    const disk = folderDisk(folder)
    const names = (await disk.list()).map(({ name }) => name)
    const files = (await readAll(disk)).filter(holdsAnything)
    const setAside = names.filter((name) => name.endsWith('.damaged')).sort()
    return { files: files.sort((a, b) => (sinceOf(a) ?? 0) - (sinceOf(b) ?? 0)), setAside }
  } catch (cause) {
    throw new UptimeError('JOURNAL_FAILED', `${folder} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

/** A monitor that runs may have delivered a file since it was listed: then it is looked anew. */
async function readAll(disk: Disk, attempts = 10): Promise<JournalReport[]> {
  try {
    return await readJournals(disk)
  } catch (error) {
    if (attempts <= 1 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return readAll(disk, attempts - 1)
  }
}

function holdsAnything({ header, facts, damaged }: JournalReport): boolean {
  return header !== undefined || facts.length > 0 || damaged > 0
}

/** When the first of them became known, in ms since the epoch. */
export function sinceOf({ facts }: JournalReport): number | null {
  return facts.reduce<number | null>((first, { at }) => Math.min(first ?? at, at), null)
}

/** `{ down: 2, up: 1 }` */
export function kindsIn({ facts }: JournalReport): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const { type } of facts) kinds[type] = (kinds[type] ?? 0) + 1
  return kinds
}

/** The instance that the file names: who found its facts; where they were refused, who refused them. */
export function writerOf({ header }: JournalReport): Holder | null {
  return header ? holderOf(header.holder) : null
}

export const WHY_REFUSED =
  'found without the lease, or past its end, and another instance has led since; kept for people, nobody delivers them'

/** What machines are told of a file; the shape is stable. */
export function fileJson(report: JournalReport, withFacts: boolean) {
  const { file, isRefused, header, facts, damaged } = report
  const writer = writerOf(report)
  return {
    ...{ file, monitor: header?.monitor ?? null },
    ...{ foundBy: isRefused ? null : writer, refusedBy: isRefused ? writer : null },
    ...{ refused: isRefused, why: isRefused ? WHY_REFUSED : null },
    ...{ count: facts.length, since: iso(sinceOf(report)), kinds: kindsIn(report), damaged },
    ...(withFacts && { facts: facts.map(factJson) }),
  }
}

/** What machines are told of a fact; what does not apply to its type is `null`. */
function factJson(fact: Event) {
  const { start = null, end = null, reason = null } = fact as Partial<Extract<Event, { type: 'gap' }>>
  return {
    ...{
      id: fact.id,
      at: iso(fact.at),
      type: fact.type,
      service: serviceIn(fact),
      downtime: downtimeIn(fact),
    },
    ...{ start: iso(start), end: iso(end), reason },
  }
}

export function serviceIn(fact: Event): string | null {
  if (!('service' in fact)) return null
  return typeof fact.service === 'string' ? fact.service : fact.service.id
}

/** `?` is whichever is open: it was found while nobody could say which. */
export function downtimeIn(fact: Event): string | null {
  if (fact.type === 'down') return fact.id
  return 'downtime' in fact ? fact.downtime : null
}
