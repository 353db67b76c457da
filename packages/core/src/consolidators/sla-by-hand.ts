import type { CalendarPeriod } from '../calendar/calendar.js'
import type { Range, ServiceSelector } from '../contracts.js'
import { choose } from '../schema/selector.js'
import { catchUp } from './sla-consolidation.js'
import type { SlaJob } from './sla-job.js'
import { restate } from './sla-restate.js'

/** Makes the periods within a range that have closed, whatever was made before. */
export async function remake(job: SlaJob, range: Range, filter?: ServiceSelector): Promise<void> {
  const services = choose(job.services, filter, job.log)
  const because = new Map(services.map(({ id }) => [id, new Set(['it was made again by hand'])]))
  const periods = job.scene.calendar.touching(range).filter(({ start, end }) => {
    const isKnown = start >= job.since && end + job.settings.graceMs <= job.alive
    return isKnown && start >= range.start && end <= range.end
  })
  if (!(await job.record.state())) await catchUp(job)
  for (const period of periods) await restate(job, period, because)
  await remember(job, periods)
}

/** What was made by hand before its turn is restated as all others are from now on. */
async function remember({ record }: SlaJob, periods: readonly CalendarPeriod[]): Promise<void> {
  const state = await record.state()
  const early = periods.filter(({ end }) => state && end > state.at)
  if (!state || !early.length) return
  const known = state.early.filter(({ label }) => !early.some((period) => period.label === label))
  const kept = early.map(({ unit, label, end }) => ({ unit, label, end }))
  await record.keepState({ ...state, early: [...known, ...kept] })
}
