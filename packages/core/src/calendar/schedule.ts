import { createRequire } from 'node:module'
import type { Cron } from 'croner'
import type { Problem, Schedule } from '../contracts.js'
import { describe } from '../describe.js'
import { DURATION_EXPECTED, parseDuration } from '../duration.js'
import { messageOf, UptimeError } from '../errors.js'
import { formatProblem } from '../problems.js'
import { assertZone, zoneProblem } from './zones.js'

const LINE = `{ cron: '5 0 * * *', zone: 'Europe/Berlin' }`
const CRON_EXPECTED = `a cron line such as '5 0 * * *' of five fields (minute, hour, day, month, weekday), or six with seconds first`

/** A rule without a year fires within eight years of any day or never: 29 February is the rarest date. */
const ANY_DAY = Date.parse('2000-01-01T00:00:00Z')
const MOST_OCCURRENCES = 10_000

/**
 * When a schedule is due next, in ms since the epoch, strictly after `after`; `null` when never. A cron line speaks of
 * local time: what falls into an hour that is skipped in spring comes right after it, what falls into the one that is
 * repeated in autumn comes once, and rules with a `*` or a step go on through both.
 *
 * @param after ms since the epoch
 * @param zone for a cron line that names none, an IANA name
 * @throws UptimeError `CONFIG_INVALID` when it is no schedule
 * @example
 * nextTime({ cron: '5 0 * * *' }, Date.now(), 'Europe/Berlin') // five past the next midnight
 */
export function nextTime(schedule: Schedule, after: number, zone: string): number | null {
  if (isRule(schedule)) return firstAfter(insistOn(schedule.cron, schedule.zone ?? zone), after)
  const ms = parseDuration(schedule)
  if (!ms) throw invalid(scheduleProblems(schedule))
  return after + ms
}

/**
 * Every time in `[from, to)` at which a cron line fires, in ms since the epoch; no more than the first 10,000.
 *
 * @throws UptimeError `CONFIG_INVALID`
 */
export function cronOccurrences(cron: string, zone: string, from: number, to: number): number[] {
  const job = insistOn(cron, zone)
  const times: number[] = []
  for (let at = firstAfter(job, from - 1); at !== null && at < to; at = firstAfter(job, at)) {
    if (times.push(at) === MOST_OCCURRENCES) break
  }
  return times
}

/** What is wrong with a schedule. */
export function scheduleProblems(schedule: unknown, path = 'schedule'): Problem[] {
  if (!isRule(schedule)) return parseDuration(schedule) ? [] : [noSchedule(schedule, path)]
  const { cron, zone } = schedule
  const problems = [
    cronProblem(cron, `${path}.cron`),
    zone === undefined ? undefined : zoneProblem(zone, `${path}.zone`),
  ]
  return problems.filter((problem) => problem !== undefined)
}

/** What is wrong with a cron line; one that never fires is wrong, too. */
export function cronProblem(cron: unknown, path: string): Problem | undefined {
  const problem = { path, found: describe(cron), expected: CRON_EXPECTED }
  if (typeof cron !== 'string') return problem
  try {
    const fires = firstAfter(jobOf(cron, 'UTC'), ANY_DAY) !== null
    return fires ? undefined : { ...problem, hint: 'no date fits it, so it would never fire' }
  } catch (error) {
    return { ...problem, hint: messageOf(error).replace(/^\w+: /, '') }
  }
}

function isRule(schedule: unknown): schedule is { cron: string; zone?: string } {
  return typeof schedule === 'object' && schedule !== null && 'cron' in schedule
}

function noSchedule(schedule: unknown, path: string): Problem {
  const expected = `${DURATION_EXPECTED}, or a cron line such as ${LINE}`
  const problem = { path, found: describe(schedule), expected }
  const isLine = typeof schedule === 'string' && !cronProblem(schedule, path)
  return isLine ? { ...problem, hint: `write { cron: ${JSON.stringify(schedule)} }` } : problem
}

function insistOn(cron: string, zone: string): Cron {
  try {
    return jobOf(cron, assertZone(zone))
  } catch (cause) {
    throw invalid(scheduleProblems({ cron, zone }), cause)
  }
}

function invalid(problems: readonly Problem[], cause?: unknown): UptimeError {
  const message = problems.map((problem) => formatProblem(problem)).join('; ')
  return new UptimeError('CONFIG_INVALID', message, { problems, ...(cause ? { cause } : {}) })
}

function firstAfter(job: Cron, after: number): number | null {
  return job.nextRun(new Date(after))?.getTime() ?? null
}

/** A job that is only asked, never run. Croner is loaded with the first one: most configs have none. */
function jobOf(cron: string, timezone: string): Cron {
  const fields = cron.split(/\s+/).filter(Boolean).length
  if (fields !== 5 && fields !== 6) throw new RangeError(`it has ${fields} of them`)
  const { Cron } = createRequire(import.meta.url)('croner') as typeof import('croner')
  return new Cron(cron, { timezone, paused: true, fixedTimeRule: 'no-wildcard' })
}
