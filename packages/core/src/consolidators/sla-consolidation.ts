import type { Range, ServiceSelector } from '../contracts.js'
import { accountFor, type Policy } from '../figures/availability.js'
import { choose } from '../schema/selector.js'
import { Books } from './sla-books.js'
import type { SlaJob } from './sla-job.js'
import type { RunningPeriod, SlaState } from './sla-record.js'
import { restate, restateTouched } from './sla-restate.js'
import { findTouched, within } from './sla-touched.js'

const DAY = 86_400_000
/** How long a stretch is counted at a time, in ms. */
const LONGEST_STRETCH = 31 * DAY
/** How many services' days are counted at a time, so that memory does not grow with how long the monitor was off. */
const DAYS_AT_A_TIME = 50_000

/**
 * Makes every period that has closed, restates what has changed, and refreshes what goes on. Everything it knows comes
 * from the storage, so it can break off anywhere and be begun again.
 */
export async function catchUp(job: SlaJob): Promise<void> {
  const { runs } = job.scene
  const begin = job.services.reduce(
    (first, { monitored }) => Math.min(first, monitored[0]?.start ?? Infinity),
    Infinity,
  )
  const alive = runs.at(-1)
  if (!Number.isFinite(begin) || alive === undefined) return
  const known = await job.record.state()
  const books = new Books(job.scene)
  if (known) await takeUp(job, known, books)
  const from = known?.at ?? begin
  const settled = Math.max(from, Math.min(alive, job.now) - job.settings.graceMs)
  await settle(job, books, from, settled)
}

/** Makes the periods within a range that have closed, whatever was made before. */
export async function remake(job: SlaJob, range: Range, filter?: ServiceSelector): Promise<void> {
  const services = choose(job.services, filter, job.log)
  const because = new Map(services.map(({ id }) => [id, new Set(['it was made again by hand'])]))
  for (const period of job.scene.calendar.touching(range)) {
    const isWithin = period.start >= range.start && period.end <= range.end
    if (isWithin && period.end + job.settings.graceMs <= job.now) await restate(job, period, because)
  }
}

/** Takes up the tallies of the last time, but for what has become known otherwise: that is counted anew. */
async function takeUp(job: SlaJob, state: SlaState, books: Books): Promise<void> {
  const { record, services, storage, scene, pace } = job
  const touched = await findTouched(storage, state, services, scene.runs)
  await restateTouched(job, touched, state.at)
  const stale = new Set(services.filter(({ id }) => touched.has(id)).flatMap((service) => job.idsOf(service)))
  for await (const [id, periods] of record.running(state)) {
    if (!stale.has(id)) books.restore(id, periods)
    if (pace.isDue) await pace.rest()
  }
  await recount(job, books, state.at)
}

/** Counts from the beginning of the running periods what has no tally, or one that does not hold any more. */
async function recount(job: SlaJob, books: Books, until: number): Promise<void> {
  const touching = job.scene.calendar.touching({ start: until - 1, end: until })
  const periods = touching.filter(({ end }) => end > until)
  const from = Math.min(until, ...periods.map(({ start }) => start))
  const services = job.monitoredIn({ from, until })
  const isMissing = (id: string) => !books.accounts.has(id)
  const missing = new Set(services.flatMap((service) => job.idsOf(service)).filter(isMissing))
  const needed = services.filter((service) => job.idsOf(service).some((id) => missing.has(id)))
  if (!needed.length) return
  const counted = new Books(job.scene)
  await counted.count(periods, needed, { from, until })
  for (const id of missing) books.accounts.set(id, counted.accounts.get(id) ?? [])
}

/** Counts on, stretch by stretch. What comes after a crash begins with the last one that was counted to its end. */
async function settle(job: SlaJob, books: Books, begin: number, settled: number): Promise<void> {
  const days = Math.max(1, Math.floor(DAYS_AT_A_TIME / Math.max(1, job.services.length)))
  const length = Math.min(LONGEST_STRETCH, days * DAY)
  for (let from = begin; from < settled; from += length) {
    const until = Math.min(from + length, settled)
    const periods = job.scene.calendar.touching({ start: from, end: until })
    await books.count(periods, job.monitoredIn({ from, until }), { from, until })
    for (const [period, tallies] of books.close(until)) {
      await job.record.freeze(job.rows(period, tallies, period.end), job.now)
    }
    await keep(job, books, until)
  }
  if (begin >= settled) await keep(job, books, settled)
}

/** Puts what goes on aside. */
async function keep(job: SlaJob, books: Books, at: number): Promise<void> {
  const { cursor, scene, services, settings, pace } = job
  const state = {
    cursor,
    at,
    runs: within(scene.runs, at),
    services: services.map(({ id }) => id),
    gaps: await openGaps(job),
  }
  await job.record.keepRunning(state, runningPeriods(books, settings.policy))
  await pace.rest()
  await job.record.keepState(state)
}

function* runningPeriods(
  { accounts }: Books,
  policy: Policy,
): Generator<[id: string, periods: RunningPeriod[]]> {
  for (const [id, tallies] of accounts) {
    const periods = tallies.map((tally) => {
      const { uptime, coverage } = accountFor(tally, policy)
      return { unit: tally.period.unit, label: tally.period.label, uptime, coverage, tally: tally.toJSON() }
    })
    yield [id, periods]
  }
}

async function openGaps({ storage }: SlaJob): Promise<Record<string, number>> {
  const gaps: Record<string, number> = {}
  for await (const { service, start } of storage.gaps({ open: true })) gaps[service] = start
  return gaps
}
