import { accountFor, type Policy } from '../figures/availability.js'
import { Books } from './sla-books.js'
import type { SlaJob } from './sla-job.js'
import type { EarlyPeriod, RunningPeriod, SlaState } from './sla-record.js'
import { restateTouched } from './sla-restate.js'
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
  const state = await job.record.state()
  const books = new Books(job.scene)
  const from = (state && (await takeUp(job, state, books))) ?? Math.max(begin, job.since)
  const settled = Math.max(from, Math.min(alive, job.now) - job.settings.graceMs)
  await settle(job, books, from, settled, state?.early ?? [])
  await job.storage.forget?.(firstNeeded(job, settled))
}

/** Running periods may have to be counted again, from their beginning. */
function firstNeeded({ scene }: SlaJob, at: number): number {
  return Math.min(at, ...scene.calendar.touching({ start: at - 1, end: at }).map(({ start }) => start))
}

/**
 * Takes up the tallies of the last time, but for what has become known otherwise: that is counted anew. Returns where to go
 * on; `undefined`: from the beginning, because other periods or groups are asked for.
 */
async function takeUp(job: SlaJob, state: SlaState, books: Books): Promise<number | undefined> {
  const touched = await findTouched(job.storage, state, job.services, job.scene.runs)
  await restateTouched(job, touched, state)
  if (state.counted !== job.known.counted) return undefined
  const stale = regrouped(state.services, job.known.services)
  for (const service of job.services)
    if (touched.has(service.id)) for (const id of job.idsOf(service)) stale.add(id)
  for await (const [id, periods] of job.record.running(state)) {
    if (!stale.has(id)) books.restore(id, periods)
    if (job.pace.isDue) await job.pace.rest()
  }
  await recount(job, books, state.at)
  return state.at
}

type Grouped = SlaState['services']

/** Groups that have other services now, and services that are not reported on any more. */
function regrouped(before: Grouped, now: Grouped): Set<string> {
  const stale = new Set<string>()
  for (const [id, groups] of Object.entries(before)) {
    const others = now[id]
    if (!others) stale.add(id)
    if (others && String(others) === String(groups)) continue
    for (const group of [...groups, ...(others ?? [])]) stale.add(group)
  }
  return stale
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
async function settle(
  job: SlaJob,
  books: Books,
  begin: number,
  settled: number,
  early: readonly EarlyPeriod[],
): Promise<void> {
  const days = Math.max(1, Math.floor(DAYS_AT_A_TIME / Math.max(1, job.services.length)))
  const length = Math.min(LONGEST_STRETCH, days * DAY)
  for (let from = begin; from < settled; from += length) {
    const until = Math.min(from + length, settled)
    const periods = job.scene.calendar.touching({ start: from, end: until })
    await books.count(periods, job.monitoredIn({ from, until }), { from, until })
    for (const [period, tallies] of books.close(until)) {
      if (period.start < job.since) continue
      await job.record.freeze(period, job.rows(period, tallies, period.end), job.now)
    }
    await keep(job, books, until, early)
  }
  if (begin >= settled) await keep(job, books, settled, early)
}

/** Puts what goes on aside. */
async function keep(job: SlaJob, books: Books, at: number, before: readonly EarlyPeriod[]): Promise<void> {
  const { known, scene, settings, pace, record } = job
  const early = before.filter(({ end }) => end > at)
  const state = { ...known, at, early, runs: within(scene.runs, at) }
  await record.keepRunning(state, runningPeriods(books, settings.policy))
  await pace.rest()
  await record.keepState(state)
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
