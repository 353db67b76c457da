import { type PlainDate, temporal } from './temporal.js'

/** What a calendar is divided into. Weeks are ISO weeks: they begin on Monday and belong to the year of their Thursday. */
export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year'

/** How periods of one unit are labelled and follow each other. Pure dates: nothing here knows a time zone. */
export interface UnitRules {
  readonly example: string
  readonly pattern: RegExp
  readonly length: { readonly days?: number; readonly months?: number }
  /** The first date of a label's period. @throws RangeError when the calendar has no such period */
  readonly first: (year: number, part: number, day: number) => PlainDate
  /** The first date of the period that holds a date. */
  readonly firstOf: (date: PlainDate) => PlainDate
  /** The label of the period that begins with a date. */
  readonly label: (first: PlainDate) => string
  /** What there is, where a label names what there is not. */
  readonly hint: (year: number, part: number) => string
}

export const UNITS: Readonly<Record<CalendarUnit, UnitRules>> = {
  day: {
    example: '2026-11-22',
    pattern: /^(\d{4})-(\d\d)-(\d\d)$/,
    length: { days: 1 },
    first: dateOf,
    firstOf: (date) => date,
    label: (date) => date.toString(),
    hint: (year, month) =>
      month >= 1 && month <= 12
        ? `that month has days 01 to ${dateOf(year, month, 1).daysInMonth}`
        : 'months are 01 to 12',
  },
  week: {
    example: '2026-W47',
    pattern: /^(\d{4})-W(\d\d)$/,
    length: { days: 7 },
    first: mondayOf,
    firstOf: (date) => date.subtract({ days: date.dayOfWeek - 1 }),
    label: (date) => `${four(date.yearOfWeek!)}-W${two(date.weekOfYear!)}`,
    hint: (year) => `${four(year)} has weeks 01 to ${dateOf(year, 12, 28).weekOfYear}`,
  },
  month: {
    example: '2026-11',
    pattern: /^(\d{4})-(\d\d)$/,
    length: { months: 1 },
    first: (year, month) => dateOf(year, month, 1),
    firstOf: (date) => date.with({ day: 1 }),
    label: (date) => `${four(date.year)}-${two(date.month)}`,
    hint: () => 'months are 01 to 12',
  },
  quarter: {
    example: '2026-Q4',
    pattern: /^(\d{4})-Q(\d)$/,
    length: { months: 3 },
    first: (year, quarter) => dateOf(year, 3 * quarter - 2, 1),
    firstOf: (date) => date.with({ day: 1, month: date.month - ((date.month - 1) % 3) }),
    label: (date) => `${four(date.year)}-Q${(date.month + 2) / 3}`,
    hint: () => 'quarters are Q1 to Q4',
  },
  year: {
    example: '2026',
    pattern: /^(\d{4})$/,
    length: { months: 12 },
    first: (year) => dateOf(year, 1, 1),
    firstOf: (date) => date.with({ day: 1, month: 1 }),
    label: (date) => four(date.year),
    hint: () => 'years are 0001 to 9999',
  },
}

function dateOf(year: number, month: number, day: number): PlainDate {
  if (year < 1) throw new RangeError('there is no year 0000')
  const { PlainDate } = temporal()
  return PlainDate.from({ year, month, day }, { overflow: 'reject' })
}

/** The fourth of January is always in week 1. */
function mondayOf(year: number, week: number): PlainDate {
  const fourth = dateOf(year, 1, 4)
  const monday = fourth.add({ days: 7 * (week - 1) - (fourth.dayOfWeek - 1) })
  if (week < 1 || monday.yearOfWeek !== year) throw new RangeError('that year has no such week')
  return monday
}

const two = (value: number) => String(value).padStart(2, '0')
const four = (value: number) => String(value).padStart(4, '0')
