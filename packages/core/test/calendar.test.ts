import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type CalendarPeriod,
  type CalendarUnit,
  calendarPeriod,
  nextPeriod,
  periodContaining,
  periodsTouching,
  previousPeriod,
} from '../src/calendar/calendar.js'
import { isUptimeError } from '../src/errors.js'

const HOUR = 3_600_000
const hours = ({ start, end }: CalendarPeriod) => (end - start) / HOUR
const day = (label: string, zone: string) => calendarPeriod('day', label, zone)
const iso = (at: number) => new Date(at).toISOString().slice(0, 19)

test.each<[CalendarUnit, string, string, string]>([
  ['day', '2026-11-22', '2026-11-21T23:00:00', '2026-11-22T23:00:00'],
  ['week', '2026-W47', '2026-11-15T23:00:00', '2026-11-22T23:00:00'],
  ['month', '2026-11', '2026-10-31T23:00:00', '2026-11-30T23:00:00'],
  ['quarter', '2026-Q4', '2026-09-30T22:00:00', '2026-12-31T23:00:00'],
  ['year', '2026', '2025-12-31T23:00:00', '2026-12-31T23:00:00'],
])('a %s begins with the first instant of its first local date: %s', (unit, label, start, end) => {
  const period = calendarPeriod(unit, label, 'Europe/Berlin')
  expect({ ...period, start: iso(period.start), end: iso(period.end) }).toEqual({
    unit,
    label,
    zone: 'Europe/Berlin',
    start,
    end,
  })
})

test('days are as long as they were where they were', () => {
  expect(hours(day('2026-03-29', 'Europe/Berlin'))).toBe(23)
  expect(hours(day('2026-10-25', 'Europe/Berlin'))).toBe(25)
  expect(hours(day('2024-10-06', 'Australia/Lord_Howe'))).toBe(23.5)
  expect(hours(day('2024-04-07', 'Australia/Lord_Howe'))).toBe(24.5)
})

test('a day without midnight begins when its clocks begin', () => {
  const inSaoPaulo = day('2018-11-04', 'America/Sao_Paulo')
  expect([iso(inSaoPaulo.start), hours(inSaoPaulo)]).toEqual(['2018-11-04T03:00:00', 23])
  const inHavana = day('2024-03-10', 'America/Havana')
  expect([iso(inHavana.start), hours(inHavana)]).toEqual(['2024-03-10T05:00:00', 23])
})

test('a day with two midnights begins with the first', () => {
  const inHavana = day('2024-11-03', 'America/Havana')
  expect([iso(inHavana.start), hours(inHavana)]).toEqual(['2024-11-03T04:00:00', 25])
  expect(hours(day('2018-02-17', 'America/Sao_Paulo'))).toBe(25)
})

test('where clocks fall back over midnight, the new date has begun and stays', () => {
  const zone = 'America/St_Johns'
  const sunday = day('2006-10-29', zone)
  expect([iso(sunday.start), hours(sunday)]).toEqual(['2006-10-29T02:30:00', 25])
  // A minute after midnight the clocks go back to 23:01 of Saturday.
  const saturdayAgain = Date.parse('2006-10-29T02:45:00Z')
  expect(new Intl.DateTimeFormat('sv', { timeZone: zone }).format(saturdayAgain)).toBe('2006-10-28')
  expect(periodContaining('day', saturdayAgain, zone)).toEqual(sunday)
  expect(periodContaining('day', sunday.start - 1, zone).label).toBe('2006-10-28')
})

test('the same over the end of a month', () => {
  // 1 November 2009 was such a Sunday.
  const saturdayAgain = Date.parse('2009-11-01T02:45:00Z')
  expect(periodContaining('month', saturdayAgain, 'America/St_Johns').label).toBe('2009-11')
})

test.each([
  ['Pacific/Apia', '2011-12-29', '2011-12-30', '2011-12-31'],
  ['Pacific/Kwajalein', '1993-08-20', '1993-08-21', '1993-08-22'],
])('a date that %s left out is empty and no neighbour of any', (zone, before, missing, after) => {
  const [first, none, second] = [before, missing, after].map((label) => day(label, zone))
  expect(none).toMatchObject({ start: first!.end, end: second!.start })
  expect(hours(none!)).toBe(0)
  for (const period of [first!, none!]) expect(nextPeriod(period)).toEqual(second)
  for (const period of [none!, second!]) expect(previousPeriod(period)).toEqual(first)
  expect(periodContaining('day', none!.start, zone)).toEqual(second)
  const touching = periodsTouching('day', { start: first!.start, end: second!.end }, zone)
  expect(touching).toEqual([first, second])
})

test('a week that lost a day has six', () => {
  expect(hours(calendarPeriod('week', '2011-W52', 'Pacific/Apia'))).toBe(6 * 24)
})

test.each([
  ['2021-01-03', '2020-W53'],
  ['2021-01-04', '2021-W01'],
  ['2024-12-29', '2024-W52'],
  ['2024-12-30', '2025-W01'],
  ['2025-12-29', '2026-W01'],
  ['2027-01-01', '2026-W53'],
])('%s is in ISO week %s', (date, label) => {
  expect(periodContaining('week', Date.parse(date), 'UTC').label).toBe(label)
})

test.each([
  ['2026-03-31', '2026-Q1'],
  ['2026-04-01', '2026-Q2'],
  ['2026-09-30', '2026-Q3'],
  ['2026-12-31', '2026-Q4'],
])('%s is in quarter %s', (date, label) => {
  expect(periodContaining('quarter', Date.parse(date), 'UTC').label).toBe(label)
})

test('years have four digits, the first and the last one too', () => {
  const first = calendarPeriod('year', '0001', 'UTC')
  expect(periodContaining('day', first.start, 'UTC').label).toBe('0001-01-01')
  const last = calendarPeriod('year', '9999', 'UTC')
  expect(periodContaining('quarter', last.end - 1, 'UTC').label).toBe('9999-Q4')
  expect(() => nextPeriod(last)).toThrow('10000')
  expect(() => previousPeriod(first)).toThrow('0000')
})

test('a range touches the periods that it has time in common with', () => {
  const labels = (start: string, end: string) =>
    periodsTouching('month', { start: Date.parse(start), end: Date.parse(end) }, 'UTC').map(
      ({ label }) => label,
    )
  expect(labels('2026-01-31T23:59:59.999Z', '2026-03-01T00:00:00Z')).toEqual(['2026-01', '2026-02'])
  expect(labels('2026-02-01', '2026-02-02')).toEqual(['2026-02'])
  expect(labels('2026-02-01', '2026-02-01')).toEqual([])
  expect(labels('2026-02-02', '2026-02-01')).toEqual([])
})

test.each<[CalendarUnit, string, string]>([
  ['week', '2026-W54', '2026 has weeks 01 to 53'],
  ['week', '2025-W53', '2025 has weeks 01 to 52'],
  ['week', '2026-W00', `such as '2026-W47'`],
  ['day', '2026-02-30', 'days 01 to 28'],
  ['day', '2026-13-01', 'months are 01 to 12'],
  ['month', '2026-13', 'months are 01 to 12'],
  ['month', '2026-1', `such as '2026-11'`],
  ['quarter', '2026-Q5', 'quarters are Q1 to Q4'],
  ['year', '0000', 'years are 0001 to 9999'],
  ['year', '20266', `such as '2026'`],
  ['day', 'garbage', `such as '2026-11-22'`],
  ['day', '2026-11-22\n', `such as '2026-11-22'`],
  ['decade' as CalendarUnit, '2020', 'one of day, week, month, quarter, year'],
])('there is no %s %j, and the message says what there is', (unit, label, says) => {
  expect(() => calendarPeriod(unit, label, 'UTC')).toThrow(invalid(says))
})

test.each([
  ['Mars/Base', 'found "Mars/Base"'],
  ['europe/berlin', 'did you mean Europe/Berlin?'],
  ['us/eastern', 'did you mean US/Eastern?'],
  ['America/New York', 'did you mean America/New_York?'],
  ['Berlin', 'did you mean Europe/Berlin?'],
  ['+01:00', 'such as Europe/Berlin'],
  ['', 'such as Europe/Berlin'],
])('%j is no time zone, and the message says what would be', (zone, says) => {
  expect(() => day('2026-11-22', zone)).toThrow(invalid(says))
  expect(() => periodContaining('day', 0, zone)).toThrow(invalid(says))
})

test('an alias is as good as what it stands for, and keeps its name', () => {
  const period = day('2026-11-22', 'Asia/Kolkata')
  expect(period.zone).toBe('Asia/Kolkata')
  expect(iso(period.start)).toBe('2026-11-21T18:30:00')
})

test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e18, 8.64e15])('%d is no time', (at) => {
  expect(() => periodContaining('day', at, 'UTC')).toThrow(invalid('milliseconds since the epoch'))
})

const zones = fc.constantFrom('UTC', ...Intl.supportedValuesOf('timeZone'))
const units = fc.constantFrom<CalendarUnit>('day', 'week', 'month', 'quarter', 'year')
const times = fc.integer({ min: Date.parse('1850-01-01'), max: Date.parse('2150-01-01') })

test('a period contains the instant that it was asked for, and its label leads back to it', () => {
  fc.assert(
    fc.property(units, times, zones, (unit, at, zone) => {
      const period = periodContaining(unit, at, zone)
      expect(period.start).toBeLessThanOrEqual(at)
      expect(period.end).toBeGreaterThan(at)
      expect(calendarPeriod(unit, period.label, zone)).toEqual(period)
    }),
    { numRuns: 1_000 },
  )
})

test('next and previous undo each other, and nothing is between neighbours', () => {
  fc.assert(
    fc.property(units, times, zones, (unit, at, zone) => {
      const period = periodContaining(unit, at, zone)
      const next = nextPeriod(period)
      expect(next.start).toBe(period.end)
      expect(next.end).toBeGreaterThan(next.start)
      expect(previousPeriod(next)).toEqual(period)
    }),
    { numRuns: 1_000 },
  )
})

test('the periods that a range touches tile it', () => {
  const lengths = fc.integer({ min: 1, max: 400 * 24 * HOUR })
  fc.assert(
    fc.property(units, times, lengths, zones, (unit, start, length, zone) => {
      const range = { start, end: start + length }
      const periods = periodsTouching(unit, range, zone)
      expect(periods[0]).toEqual(periodContaining(unit, range.start, zone))
      expect(periods.at(-1)).toEqual(periodContaining(unit, range.end - 1, zone))
      expect(periods.slice(1).map((period) => period.start)).toEqual(
        periods.slice(0, -1).map((period) => period.end),
      )
    }),
    { numRuns: 200 },
  )
})

function invalid(says: string) {
  return expect.toSatisfy(
    (error: unknown) => isUptimeError(error, 'PERIOD_INVALID') && error.message.includes(says),
    `PERIOD_INVALID … ${says}`,
  )
}
