import {
  assertInstant,
  type CalendarUnit,
  calendarPeriod,
  periodContaining,
  periodsTouching,
} from '../calendar/calendar.js'
import { assertZone } from '../calendar/zones.js'
import type { Range } from '../contracts.js'
import { UptimeError } from '../errors.js'
import type { ReportPeriod } from '../figures/figures.js'

/** A calendar period, by default the one that goes on; or any range of time. */
export type PeriodQuery = { readonly unit: CalendarUnit; readonly label?: string | undefined } | Range

/** What a period is cut into. */
export type PartUnit = CalendarUnit | 'hour'

/** A part of a period. */
export interface PeriodPart extends Range {
  /** `2026-11-22`; of an hour, its first instant in ISO 8601. */
  readonly label: string
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** No part is shorter, in ms. */
const SHORTEST = { hour: HOUR, day: DAY, week: 7 * DAY, month: 28 * DAY, quarter: 90 * DAY, year: 365 * DAY }
/** A series of more parts is nothing that anybody can look at. */
const MOST_PARTS = 10_000
/** Of all services together: what fits into memory. */
const MOST_POINTS = 1_000_000

/**
 * The period that a query means, in a zone.
 *
 * @param now ms since the epoch; the period that goes on is the one where the label is left out
 * @throws UptimeError `PERIOD_INVALID`
 */
export function periodOf(query: PeriodQuery, zone: string, now: number): ReportPeriod {
  if ('unit' in query) {
    const { unit, label } = query
    const found = label === undefined ? periodContaining(unit, now, zone) : calendarPeriod(unit, label, zone)
    return { unit, label: found.label, start: found.start, end: found.end, zone }
  }
  const { start, end } = query
  assertInstant(start)
  assertInstant(end)
  if (start >= end) throw notInOrder(start, end)
  return { unit: 'range', label: `${iso(start)}/${iso(end)}`, start, end, zone: assertZone(zone) }
}

/**
 * The parts of a period that have begun by a time. The first and the last may be cut.
 *
 * @throws UptimeError `PERIOD_INVALID` when there are too many
 */
export function partsOf(
  { start, end, zone }: ReportPeriod,
  by: PartUnit,
  until: number,
  services: number,
): PeriodPart[] {
  const last = Math.min(end, until)
  if (start >= last) return []
  const most = Math.min(MOST_PARTS, Math.floor(MOST_POINTS / Math.max(1, services)))
  if ((last - start) / SHORTEST[by] > most + 1) throw tooMany(start, last, by, most)
  const wholes = by === 'hour' ? hoursOf(start, last) : periodsTouching(by, { start, end: last }, zone)
  return wholes.map((part) => ({
    label: part.label,
    start: Math.max(part.start, start),
    end: Math.min(part.end, end),
  }))
}

function hoursOf(start: number, last: number): PeriodPart[] {
  return Array.from({ length: Math.ceil((last - start) / HOUR) }, (_, hour) => {
    const begin = start + hour * HOUR
    return { label: iso(begin), start: begin, end: begin + HOUR }
  })
}

function tooMany(start: number, end: number, by: PartUnit, most: number): UptimeError {
  const found = `${iso(start)} to ${iso(end)} by ${by}`
  return new UptimeError(
    'PERIOD_INVALID',
    `found ${found}, expected ${most.toLocaleString('en')} parts at most for so many services; ask for a shorter period or longer parts`,
  )
}

function notInOrder(start: number, end: number): UptimeError {
  const found = `a range from ${iso(start)} to ${iso(end)}`
  return new UptimeError('PERIOD_INVALID', `found ${found}, expected one whose end is later than its start`)
}

const iso = (ms: number) => new Date(ms).toISOString()
