import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { INSTANT_EXPECTED, parseInstant } from '../calendar/instant.js'
import { cronOccurrences, cronProblem } from '../calendar/schedule.js'
import { zoneSchema } from '../calendar/zones.js'
import type { Problem, Range, ServiceSelector } from '../contracts.js'
import { describe } from '../describe.js'
import { type Duration, parseDuration } from '../duration.js'
import { validate } from '../problems.js'
import { durationBetween, text } from './options.js'
import { serviceSelector } from './selector.js'

interface Common {
  /** Shown wherever the time is. */
  readonly reason: string
  /** For which services. Default: all. */
  readonly filter?: ServiceSelector | undefined
  /** The IANA zone of what is written in local time. Default: the config's. */
  readonly zone?: string | undefined
}

/** One stretch of agreed time. */
export interface MaintenanceWindow extends Common {
  /** ISO 8601; local time where it has no offset. */
  readonly start: string | Date
  readonly end: string | Date
}

/** Agreed time that comes again and again. */
export interface RecurringMaintenance extends Common {
  /** When it begins: five fields (minute, hour, day, month, weekday). */
  readonly cron: string
  /** How long it takes, 1m to 31d. */
  readonly duration: Duration
}

/** Agreed time, which counts neither as up nor as down unless a report's policy says otherwise. */
export type MaintenanceRule = MaintenanceWindow | RecurringMaintenance

/** A rule that was checked. */
export interface MaintenancePlan {
  /** Made of what the rule says but for its reason, so it stays while that stays. */
  readonly id: string
  readonly reason: string
  readonly filter: ServiceSelector | undefined
  /** Whether it comes once. */
  readonly isOnce: boolean
  /** Its times that have anything in common with a range, in order. */
  times(range: Range): readonly Range[]
}

const instant = v.custom<string | Date>(
  (value) =>
    value instanceof Date
      ? !Number.isNaN(value.getTime())
      : typeof value === 'string' && parseInstant(value, 'UTC') !== undefined,
  INSTANT_EXPECTED,
)
const common = {
  reason: text(500),
  filter: v.optional(serviceSelector),
  zone: v.optional(zoneSchema),
}
const once = v.strictObject({ start: instant, end: instant, ...common })
const recurring = v.strictObject({
  cron: v.custom<string>(
    (value) => !cronProblem(value, ''),
    ({ input }) => expectedOf(cronProblem(input, '')!),
  ),
  duration: durationBetween('1m', '31d'),
  ...common,
})
const rule = v.lazy((value) =>
  typeof value === 'object' && value !== null && 'cron' in value ? recurring : once,
)

function expectedOf({ expected, hint }: Problem): string {
  return hint ? `${expected}; ${hint}` : expected
}

/** Checks a rule: the plan it makes, or all that is wrong with it. */
export function planMaintenance(
  value: unknown,
  zone: string,
): { plan: MaintenancePlan } | { problems: readonly Problem[] } {
  const checked = validate(rule as never, value) as ReturnType<typeof validate<MaintenanceRule>>
  if (checked.problems) return { problems: checked.problems }
  const made = 'cron' in checked.value ? recurringPlan(checked.value, zone) : oncePlan(checked.value, zone)
  return 'times' in made ? { plan: made } : { problems: [made] }
}

function oncePlan(window: MaintenanceWindow, zone: string): MaintenancePlan | Problem {
  const toMs = (time: string | Date) =>
    time instanceof Date ? time.getTime() : parseInstant(time, window.zone ?? zone)!
  const time = { start: toMs(window.start), end: toMs(window.end) }
  if (time.start >= time.end)
    return { path: 'end', found: describe(window.end), expected: 'a time that is later than start' }
  return {
    ...planOf(window, [time.start, time.end]),
    isOnce: true,
    times: ({ start, end }) => (time.start < end && time.end > start ? [time] : []),
  }
}

function recurringPlan(rule: RecurringMaintenance, zone: string): MaintenancePlan {
  const [local, length] = [rule.zone ?? zone, parseDuration(rule.duration)!]
  return {
    ...planOf(rule, [rule.cron, local, length]),
    isOnce: false,
    times: ({ start, end }) =>
      cronOccurrences(rule.cron, local, start - length + 1, end).map((at) => ({
        start: at,
        end: at + length,
      })),
  }
}

function planOf({ reason, filter }: Common, when: readonly unknown[]) {
  const what = typeof filter === 'function' ? String(filter) : (filter ?? null)
  const id = createHash('sha256')
    .update(JSON.stringify([when, what]))
    .digest('hex')
    .slice(0, 12)
  return { id, reason, filter }
}
