import { type CalendarUnit, calendarPeriod, periodContaining, periodsTouching } from '../calendar/calendar.js'
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

/**
 * The period that a query means, in a zone.
 *
 * @param now ms since the epoch; the period that goes on is the one where the label is left out
 * @throws UptimeError `PERIOD_INVALID`
 */
export function periodOf(query: PeriodQuery, zone: string, now: number): ReportPeriod {
  if ('unit' in query) {
    const { unit, label } = query
    const found = label ? calendarPeriod(unit, label, zone) : periodContaining(unit, now, zone)
    return { unit, label: found.label, start: found.start, end: found.end, zone }
  }
  const { start, end } = query
  if (!(start < end)) throw notInOrder(start, end)
  return { unit: 'range', label: `${iso(start)}/${iso(end)}`, start, end, zone: assertZone(zone) }
}

/** The parts of a period that have begun by a time. The first and the last may be cut. */
export function partsOf({ start, end, zone }: ReportPeriod, by: PartUnit, until: number): PeriodPart[] {
  const last = Math.min(end, until)
  if (start >= last) return []
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

function notInOrder(start: number, end: number): UptimeError {
  const found = `a range from ${iso(start)} to ${iso(end)}`
  return new UptimeError('PERIOD_INVALID', `found ${found}, expected one whose end is later than its start`)
}

const iso = (ms: number) => new Date(ms).toISOString()
