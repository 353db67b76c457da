import type {
  Correction,
  Downtime,
  Entry,
  Event,
  Gap,
  LeaseRecord,
  Live,
  Maintenance,
  Run,
  ServiceRecord,
  Summary,
} from '@uptimeserver/core'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The records of one monitor. */
export class Book {
  readonly log: Entry[] = []
  readonly ids = new Set<string>()
  /** The downtime that a `down` opened, or was merged into. */
  readonly meant = new Map<string, string>()
  readonly services = new Map<string, Mutable<ServiceRecord>>()
  readonly downtimes = new Map<string, Mutable<Downtime>>()
  /** Service → its open downtime. */
  readonly open = new Map<string, Mutable<Downtime>>()
  readonly runs = new Map<string, Mutable<Run>>()
  readonly gaps: Mutable<Gap>[] = []
  /** Service → its open gap. */
  readonly openGaps = new Map<string, Mutable<Gap>>()
  readonly maintenance = new Map<string, Maintenance>()
  /** Key and version → summary. */
  readonly summaries = new Map<string, Summary>()
  readonly live = new Map<string, Live>()
  lease: LeaseRecord | undefined
  /** Facts of before were forgotten. */
  since: number | null = null
}

/** Takes one fact into the views. Returns whether it belongs into the log: it is new, and no mere sign of life. */
export function take(book: Book, event: Event): boolean {
  const isNew = event.type === 'alive' ? !book.runs.has(event.run) : !book.ids.has(event.id)
  if (isNew || event.type === 'alive') TAKE[event.type](book, event as never)
  if (isNew && event.type !== 'alive') book.ids.add(event.id)
  return isNew
}

/** Any fact of a run is a sign of its life. */
export function extendRun({ runs }: Book, event: Event): void {
  const run = event.run === undefined ? undefined : runs.get(event.run)
  if (run) run.end = Math.max(run.end, event.at)
}

/** Whatever ended before, and was said before. */
export function forget(book: Book, before: number): void {
  book.since = Math.max(book.since ?? before, before)
  const isOver = ({ end }: { readonly end: number | null }) => end !== null && end < before
  for (const views of [book.downtimes, book.runs, book.maintenance])
    for (const [key, span] of views) if (isOver(span)) views.delete(key)
  book.gaps.splice(0, book.gaps.length, ...book.gaps.filter((gap) => !isOver(gap)))
  const first = book.log.findIndex(({ events }) => events.some(({ at }) => at >= before))
  book.log.splice(0, first < 0 ? Math.max(0, book.log.length - 1) : first)
}

/** By its type, what a fact does. */
export const TAKE: { [Type in Event['type']]: (book: Book, event: Extract<Event, { type: Type }>) => void } =
  {
    'service-added': (book, { service, at }) => {
      const known = book.services.get(service.id)
      const monitored = known?.monitored ?? []
      const isOpen = monitored.at(-1)?.end === null
      book.services.set(service.id, {
        ...service,
        monitored: isOpen ? monitored : [...monitored, { start: at, end: null }],
      })
    },
    'service-changed': (book, { service }) => {
      const known = book.services.get(service.id)
      if (known) book.services.set(service.id, { ...service, monitored: known.monitored })
    },
    'service-removed': (book, { service, at }) => {
      const known = book.services.get(service)
      const last = known?.monitored.at(-1)
      if (known && last?.end === null)
        known.monitored = [...known.monitored.slice(0, -1), { ...last, end: at }]
      book.live.delete(service)
    },
    down: (book, { id, service, start, end, reason, detail }) => {
      if (end !== undefined)
        return void book.downtimes.set(id, { id, service, start, end, reason, detail, corrections: [] })
      const open = book.open.get(service) ?? {
        id,
        service,
        start,
        end: null,
        reason,
        detail,
        corrections: [],
      }
      book.meant.set(id, open.id)
      book.open.set(service, open)
      book.downtimes.set(open.id, open)
    },
    up: (book, { downtime, end }) => {
      const closed = book.downtimes.get(book.meant.get(downtime) ?? downtime)
      if (closed?.end !== null) return
      closed.end = end
      book.open.delete(closed.service)
    },
    alive: (book, { run, start, at }) => {
      if (!book.runs.has(run)) book.runs.set(run, { id: run, start, end: at })
    },
    gap: (book, { id, service, start, end, reason }) => {
      const open = book.openGaps.get(service)
      if (open && end === null) return
      const gap = open?.start === start ? open : { id, service, start, end, reason }
      gap.end = end
      if (gap !== open) book.gaps.push(gap)
      if (end === null) book.openGaps.set(service, gap)
      else if (gap === open) book.openGaps.delete(service)
    },
    maintenance: (book, { window, services, start, end, reason, author }) => {
      book.maintenance.set(window, { window, services, start, end, reason, author })
    },
    led: () => undefined,
    correction: (book, correction: Correction) => {
      const downtime = book.downtimes.get(correction.downtime)
      if (downtime) downtime.corrections = [...downtime.corrections, correction]
    },
  }
