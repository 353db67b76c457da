import type { Problem, Range } from '../contracts.js'
import { describe } from '../describe.js'
import { UptimeError } from '../errors.js'
import { formatProblem } from '../problems.js'
import { type CalendarUnit, UNITS } from './calendar-units.js'
import { type PlainDate, temporal } from './temporal.js'
import { assertZone } from './zones.js'

export type { CalendarUnit } from './calendar-units.js'
export { assertZone, zoneProblem } from './zones.js'

/** A day, ISO week, month, quarter or year of a time zone. */
export interface CalendarPeriod {
  readonly unit: CalendarUnit
  /** `2026-11-22`, `2026-W47`, `2026-11`, `2026-Q4` or `2026`. */
  readonly label: string
  /** The IANA name of the time zone. */
  readonly zone: string
  /** The first instant of its first local date, in ms since the epoch. */
  readonly start: number
  /** The first instant after it, in ms since the epoch. */
  readonly end: number
}

/** What Date and Temporal can hold, in ms to either side of the epoch. */
const FARTHEST = 8.64e15

/**
 * The period of a label, in a time zone. It begins with the first instant of its first local date, whatever the clocks
 * there show then, and ends where the next one begins: a day may have 23, 23.5 or 25 hours. A date that a zone left out
 * (Samoa had no 30 December 2011) gives an empty period where it would have been.
 *
 * @param label years 0001 to 9999
 * @param zone an IANA name; what it means is up to the tz database of the running Node
 * @throws UptimeError `PERIOD_INVALID` when there is no such period or zone
 * @example
 * calendarPeriod('week', '2026-W01', 'Europe/Berlin') // from Monday, 29 December 2025
 */
export function calendarPeriod(unit: CalendarUnit, label: string, zone: string): CalendarPeriod {
  return periodFrom(unit, firstDateOf(unit, label), assertZone(zone))
}

/**
 * The period that an instant is in. Where clocks fall back over midnight, a date is over once the next one has begun, even
 * if the clocks show it again.
 *
 * @param at ms since the epoch, in the local years 0001 to 9999
 * @throws UptimeError `PERIOD_INVALID`
 */
export function periodContaining(unit: CalendarUnit, at: number, zone: string): CalendarPeriod {
  const rules = rulesOf(unit)
  assertInstant(at)
  const { Instant } = temporal()
  const date = Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(assertZone(zone)).toPlainDate()
  const period = periodFrom(unit, rules.firstOf(date), zone)
  return at < period.end ? period : nextPeriod(period)
}

/** The period that begins where this one ends. @throws UptimeError `PERIOD_INVALID` after the year 9999 */
export function nextPeriod(period: CalendarPeriod): CalendarPeriod {
  return neighbour(period, 1)
}

/** The period that ends where this one begins. @throws UptimeError `PERIOD_INVALID` before the year 0001 */
export function previousPeriod(period: CalendarPeriod): CalendarPeriod {
  return neighbour(period, -1)
}

/**
 * Every period that has time in common with a range, in order; none when the range is empty.
 *
 * @throws UptimeError `PERIOD_INVALID`
 */
export function periodsTouching(unit: CalendarUnit, range: Range, zone: string): CalendarPeriod[] {
  assertInstant(range.start)
  assertInstant(range.end)
  if (range.start >= range.end) return []
  const periods = [periodContaining(unit, range.start, zone)]
  for (let last = periods[0]!; last.end < range.end; periods.push(last)) last = nextPeriod(last)
  return periods
}

function neighbour({ unit, label, zone }: CalendarPeriod, direction: 1 | -1): CalendarPeriod {
  const { length } = rulesOf(unit)
  let first = firstDateOf(unit, label)
  for (;;) {
    first = direction > 0 ? first.add(length) : first.subtract(length)
    const period = periodFrom(unit, first, assertZone(zone))
    // Nothing is ever in a date that did not exist.
    if (period.start < period.end) return period
  }
}

function periodFrom(unit: CalendarUnit, first: PlainDate, zone: string): CalendarPeriod {
  const { label, length } = UNITS[unit]
  const name = label(first)
  if (first.year < 1 || !/^\d{4}(-|$)/.test(name)) throw outsideYears(name)
  return { unit, label: name, zone, start: startOf(first, zone), end: startOf(first.add(length), zone) }
}

/** Starts of dates by zone and date. Each is asked for twice, as an end and as a start, and takes some 5 µs. */
const starts = new Map<string, number>()
const MOST_STARTS = 4_096

/** The first instant of a date; of one that did not exist, the first instant after it. */
function startOf(date: PlainDate, zone: string): number {
  const key = `${zone} ${date}`
  const known = starts.get(key)
  if (known !== undefined) return known
  const start = date.toZonedDateTime(zone).epochMilliseconds
  if (starts.size >= MOST_STARTS) starts.clear()
  starts.set(key, start)
  return start
}

function firstDateOf(unit: CalendarUnit, label: string): PlainDate {
  const { pattern, first, example, hint } = rulesOf(unit)
  const match = pattern.exec(label)
  const expected = `the label of a ${unit} such as '${example}'`
  if (!match) throw invalid('the label', { path: '', found: describe(label), expected })
  const [year, part, day] = match.slice(1).map(Number)
  try {
    return first(year!, part!, day!)
  } catch (cause) {
    const help = year! < 1 ? 'years are 0001 to 9999' : hint(year!, part!)
    throw invalid('the label', { path: '', found: describe(label), expected, hint: help }, cause)
  }
}

function rulesOf(unit: CalendarUnit) {
  if (Object.hasOwn(UNITS, unit)) return UNITS[unit]
  const expected = `one of ${Object.keys(UNITS).join(', ')}`
  throw invalid('the unit of a period', { path: '', found: describe(unit), expected })
}

/** @throws UptimeError `PERIOD_INVALID` when it is no moment that a calendar knows */
export function assertInstant(at: number): void {
  if (Number.isInteger(at) && Math.abs(at) <= FARTHEST) return
  const expected = 'whole milliseconds since the epoch'
  const hint = 'Math.floor() cuts fractions; Date.parse() gives the milliseconds of a date'
  throw invalid('a time', { path: '', found: describe(at), expected, hint })
}

function outsideYears(label: string): UptimeError {
  const hint = 'times are milliseconds since the epoch, not micro- or nanoseconds'
  return invalid('a period', {
    path: '',
    found: `one labelled ${label}`,
    expected: 'the years 0001 to 9999',
    hint,
  })
}

function invalid(where: string, problem: Problem, cause?: unknown): UptimeError {
  return new UptimeError('PERIOD_INVALID', formatProblem(problem, where), cause ? { cause } : {})
}
