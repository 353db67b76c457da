import type { CalendarPeriod } from '../calendar/calendar.js'
import type { ServiceRecord } from '../contracts.js'
import type { SlaRow } from '../figures/figures.js'
import { Books } from './sla-books.js'
import type { SlaJob } from './sla-job.js'
import type { SlaState } from './sla-record.js'
import type { Touch } from './sla-touched.js'

/** Why a period is counted anew, by service. */
export type Reasons = ReadonlyMap<string, ReadonlySet<string>>

/** How many reasons are kept with a version. */
const MOST_REASONS = 10

/** Adds versions of what has changed in periods that are frozen in a state, oldest first. */
export async function restateTouched(
  job: SlaJob,
  touched: ReadonlyMap<string, readonly Touch[]>,
  { at, early }: SlaState,
): Promise<void> {
  const isFrozen = ({ unit, label, start, end }: CalendarPeriod) =>
    start >= job.since &&
    (end <= at || early.some((period) => period.unit === unit && period.label === label))
  const periods = new Map<CalendarPeriod, Map<string, Set<string>>>()
  for (const [id, touches] of touched) {
    for (const { from, to, because } of touches) {
      for (const period of job.scene.calendar.touching({ start: from, end: to })) {
        if (!isFrozen(period)) continue
        const reasons = periods.get(period) ?? new Map<string, Set<string>>()
        periods.set(period, reasons.set(id, new Set(reasons.get(id)).add(because)))
      }
    }
    if (job.pace.isDue) await job.pace.rest()
  }
  const inOrder = [...periods].sort(([a], [b]) => a.end - b.end)
  for (const [period, because] of inOrder) await restate(job, period, because)
}

/** Counts a closed period anew, for those that there is a reason for and their groups. */
export async function restate(job: SlaJob, period: CalendarPeriod, because: Reasons): Promise<void> {
  const stretch = { from: period.start, until: period.end }
  const present = job.monitoredIn(stretch)
  const reasons = reasonsOf(job, present, because)
  const needed = present.filter((service) => job.idsOf(service).some((id) => reasons.has(id)))
  const books = new Books(job.scene)
  await books.count([period], needed, stretch)
  for (const [, tallies] of books.close(Infinity)) {
    const rows: [id: string, row: SlaRow][] = []
    for (const [id, row] of job.rows(period, tallies, period.end)) {
      const own = reasons.get(id.replace(/ (mean|all-up)$/, ''))
      if (own) rows.push([id, { ...row, because: foremost([...own]) }])
      if (job.pace.isDue) await job.pace.rest()
    }
    await job.record.freeze(period, rows, job.now)
  }
}

function foremost(reasons: readonly string[]): readonly string[] {
  const more = reasons.length - MOST_REASONS
  return more > 0 ? [...reasons.slice(0, MOST_REASONS), `and ${more} more`] : reasons
}

/** The reasons of services, and of their groups. */
function reasonsOf(
  job: SlaJob,
  services: readonly ServiceRecord[],
  because: Reasons,
): Map<string, Set<string>> {
  const reasons = new Map<string, Set<string>>()
  for (const service of services) {
    const own = because.get(service.id)
    if (!own) continue
    for (const id of job.idsOf(service)) reasons.set(id, new Set([...(reasons.get(id) ?? []), ...own]))
  }
  return reasons
}
