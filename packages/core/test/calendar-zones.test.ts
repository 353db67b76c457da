import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type CalendarUnit, calendarPeriod, nextPeriod } from '../src/calendar/calendar.js'

const DAY = 86_400_000
const [FIRST, LAST] = [1990, 2035]
const BEGIN = Date.UTC(FIRST - 1, 11, 1)
const END = Date.UTC(LAST + 1, 1, 1)
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')]

/** When a zone's offset changes: from when on, and to what, in ms. Found by asking Intl, which the calendar does not. */
function transitionsOf(zone: string): [at: number, offset: number][] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'longOffset',
    year: 'numeric',
  })
  const offsetAt = (at: number) => {
    const name = format.format(at)
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name)!
    const [, sign, hours = 0, minutes = 0, seconds = 0] = match
    return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
  }
  const found: [number, number][] = [[BEGIN, offsetAt(BEGIN)]]
  const STEP = 3 * DAY
  for (let at = BEGIN + STEP; at < END + STEP; at += STEP) {
    const before = found.at(-1)![1]
    const after = offsetAt(at)
    if (after === before) continue
    let [low, high] = [at - STEP, at]
    while (high - low > 1_000) {
      const middle = low + Math.floor((high - low) / 2_000) * 1_000
      if (offsetAt(middle) === before) low = middle
      else high = middle
    }
    found.push([high, after])
  }
  return found
}

/** The number of the local date that an instant is in, counted from the epoch. Instants are asked for in order. */
function localDates(zone: string): (at: number) => number {
  const transitions = transitionsOf(zone)
  let index = 0
  return (at) => {
    while (index > 0 && transitions[index]![0] > at) index--
    while (transitions[index + 1] && transitions[index + 1]![0] <= at) index++
    return Math.floor((at + transitions[index]![1]) / DAY)
  }
}

const dateNumber = (label: string) => Date.parse(label) / DAY

/** The start of every date from 1990 to 2035, once each is known to begin where it should. */
function daysOf(zone: string): Map<string, number> {
  const localDate = localDates(zone)
  const starts = new Map<string, number>()
  let end = calendarPeriod('day', `${FIRST}-01-01`, zone).start
  for (
    let day = calendarPeriod('day', `${FIRST}-01-01`, zone);
    day.label <= `${LAST + 1}-01-01`;
    day = nextPeriod(day)
  ) {
    const date = dateNumber(day.label)
    // Plain comparisons: an assertion for each of seven million days would take longer than they do.
    const follows = day.start === end && day.end > day.start
    const begins = localDate(day.start - 1) < date && localDate(day.start) === date
    if (!follows || !begins)
      throw new Error(`${zone}: ${day.label} from ${day.start} to ${day.end} after ${end}`)
    starts.set(day.label, day.start)
    end = day.end
  }
  return starts
}

/** The first day of a period, by the label alone. */
const FIRST_DATE: Record<Exclude<CalendarUnit, 'day'>, (label: string) => string> = {
  week: (label) => {
    const [year, week] = label.split('-W').map(Number) as [number, number]
    const fourth = Date.UTC(year, 0, 4)
    const weekday = (new Date(fourth).getUTCDay() + 6) % 7
    return new Date(fourth + (7 * (week - 1) - weekday) * DAY).toISOString().slice(0, 10)
  },
  month: (label) => `${label}-01`,
  quarter: (label) => `${label.slice(0, 4)}-${String(3 * Number(label.slice(6)) - 2).padStart(2, '0')}-01`,
  year: (label) => `${label}-01-01`,
}

function checkLonger(
  zone: string,
  unit: Exclude<CalendarUnit, 'day'>,
  days: ReadonlyMap<string, number>,
): void {
  const labels = { week: `${FIRST}-W01`, month: `${FIRST}-01`, quarter: `${FIRST}-Q1`, year: `${FIRST}` }
  let period = calendarPeriod(unit, labels[unit], zone)
  for (let end = period.start; period.label.slice(0, 4) <= String(LAST); period = nextPeriod(period)) {
    const first = FIRST_DATE[unit](period.label)
    // A date that a zone left out begins where the next one does.
    const start = days.get(first) ?? days.get(new Date(Date.parse(first) + DAY).toISOString().slice(0, 10))
    if (period.start !== end || period.start !== start) throw new Error(`${zone}: ${unit} ${period.label}`)
    end = period.end
  }
}

test(`every day, week, month, quarter and year of ${FIRST} to ${LAST}, in every zone, begins where it should and ends where the next begins`, async () => {
  expect(ZONES.length).toBeGreaterThan(400)
  let count = 0
  for (const zone of ZONES) {
    // The test runner wants to hear from its worker now and then.
    await setImmediate()
    const days = daysOf(zone)
    count += days.size
    for (const unit of ['week', 'month', 'quarter', 'year'] as const) checkLonger(zone, unit, days)
  }
  expect(count).toBeGreaterThan(400 * 365 * (LAST - FIRST + 1))
}, 600_000)
