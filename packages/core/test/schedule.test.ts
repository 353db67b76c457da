import { FakeClock, memoryStorage, settle } from '@uptimeserver/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cronOccurrences, nextTime, scheduleProblems } from '../src/calendar/schedule.js'
import { resolveConfig } from '../src/config.js'
import type { Schedule } from '../src/contracts.js'
import { isUptimeError } from '../src/errors.js'
import { Consolidation } from '../src/monitor/consolidation.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const at = (text: string) => Date.parse(`${text}Z`)
const iso = (time: number) => new Date(time).toISOString().slice(0, 16)
const fires = (cron: string, zone: string, from: string, to: string) =>
  cronOccurrences(cron, zone, at(from), at(to)).map(iso)

test('a duration comes again after itself', () => {
  expect(nextTime('90s', 1_000, 'UTC')).toBe(91_000)
  expect(nextTime(500, 1_000, 'UTC')).toBe(1_500)
})

test('a cron line is read in its own zone, or else in the one at hand', () => {
  const noon = at('2026-11-22T12:00')
  expect(iso(nextTime({ cron: '5 0 * * *' }, noon, 'UTC')!)).toBe('2026-11-23T00:05')
  expect(iso(nextTime({ cron: '5 0 * * *' }, noon, 'Europe/Berlin')!)).toBe('2026-11-22T23:05')
  expect(iso(nextTime({ cron: '5 0 * * *', zone: 'Asia/Tokyo' }, noon, 'UTC')!)).toBe('2026-11-22T15:05')
})

test('next is after now, to the millisecond', () => {
  const noon = at('2026-11-22T12:00')
  expect(nextTime({ cron: '0 12 * * *' }, noon - 1, 'UTC')).toBe(noon)
  expect(nextTime({ cron: '0 12 * * *' }, noon, 'UTC')).toBe(noon + 24 * HOUR)
  expect(nextTime({ cron: '30 0 12 * * *' }, noon, 'UTC')).toBe(noon + 30_000)
})

test('what falls into the hour that is skipped comes right after it', () => {
  const expected = ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']
  expect(fires('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00', '2026-03-31T00:00')).toEqual(expected)
  expect(fires('30 2,14 * * *', 'Europe/Berlin', '2026-03-29T00:00', '2026-03-30T00:00')).toEqual([
    '2026-03-29T01:00',
    '2026-03-29T12:30',
  ])
})

test('what falls into the hour that is repeated comes once', () => {
  const expected = ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30']
  expect(fires('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00', '2026-10-27T00:00')).toEqual(expected)
})

test('a rule that repeats within the hour goes on through both', () => {
  const half = fires('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00', '2026-10-25T02:00')
  expect(half).toEqual(['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30'])
})

test('midnight comes once a day, also where there is none or two', () => {
  expect(fires('0 0 * * *', 'America/Sao_Paulo', '2018-11-04T00:00', '2018-11-05T00:00')).toEqual([
    '2018-11-04T03:00',
  ])
  expect(fires('0 0 * * *', 'America/St_Johns', '2006-10-29T00:00', '2006-10-30T00:00')).toEqual([
    '2006-10-29T02:30',
  ])
})

test('occurrences are those of a half-open range', () => {
  expect(fires('0 * * * *', 'UTC', '2026-01-01T00:00', '2026-01-01T03:00')).toEqual([
    '2026-01-01T00:00',
    '2026-01-01T01:00',
    '2026-01-01T02:00',
  ])
  expect(fires('0 * * * *', 'UTC', '2026-01-01T03:00', '2026-01-01T03:00')).toEqual([])
  expect(fires('0 0 29 2 *', 'UTC', '2096-03-01T00:00', '2104-03-01T00:00')).toEqual(['2104-02-29T00:00'])
})

test('of too many occurrences the first ten thousand are told', () => {
  const times = cronOccurrences('* * * * * *', 'UTC', 0, HOUR * 10)
  expect([times.length, times.at(-1)]).toEqual([10_000, 9_999_000])
})

test('occurrences grow, and each is next after the one before', () => {
  const lines = fc.constantFrom('*/7 * * * *', '0 0 * * *', '30 2 * * *', '15 1,2,3 * * 0', '0 */3 1-7 * *')
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'America/St_Johns',
    'Pacific/Apia',
  )
  const starts = fc.integer({ min: at('2000-01-01T00:00'), max: at('2030-01-01T00:00') })
  fc.assert(
    fc.property(lines, zones, starts, (cron, zone, from) => {
      const times = cronOccurrences(cron, zone, from, from + 3 * 24 * HOUR)
      let last = from - 1
      for (const time of times) {
        expect(time).toBeGreaterThan(last)
        expect(nextTime({ cron, zone }, last, 'UTC')).toBe(time)
        last = time
      }
    }),
    { numRuns: 50 },
  )
})

test.each<[unknown, string, string]>([
  ['often', 'schedule', `such as { cron: '5 0 * * *'`],
  [0, 'schedule', 'a duration such as'],
  [undefined, 'schedule', 'a duration such as'],
  [{ zone: 'UTC' }, 'schedule', 'a cron line such as'],
  ['5 0 * * *', 'schedule', 'write { cron: "5 0 * * *" }'],
  [{ cron: 5 }, 'schedule.cron', 'five fields'],
  [{ cron: '' }, 'schedule.cron', 'it has 0 of them'],
  [{ cron: '@daily' }, 'schedule.cron', 'it has 1 of them'],
  [{ cron: '0 0 0 1 1 * 2026' }, 'schedule.cron', 'it has 7 of them'],
  [{ cron: '61 * * * *' }, 'schedule.cron', 'minute: 61'],
  [{ cron: 'a b c d e' }, 'schedule.cron', 'illegal characters'],
  [{ cron: '0 0 * * *', zone: 'europe/berlin' }, 'schedule.zone', 'did you mean Europe/Berlin?'],
])('%j is no schedule, and the message says what would be', (schedule, path, says) => {
  const [problem, ...others] = scheduleProblems(schedule)
  expect(others).toEqual([])
  expect(problem!.path).toBe(path)
  expect(`${problem!.expected}; ${problem!.hint}`).toContain(says)
  expect(() => nextTime(schedule as Schedule, 0, 'UTC')).toThrow(
    expect.toSatisfy((error) => isUptimeError(error, 'CONFIG_INVALID')),
  )
})

test('a rule that never fires is a problem, and is never due', () => {
  const [problem] = scheduleProblems({ cron: '* * 31 2 *' })
  expect(problem).toMatchObject({ path: 'schedule.cron', hint: 'no date fits it, so it would never fire' })
  expect(nextTime({ cron: '* * 31 2 *' }, 0, 'UTC')).toBeNull()
  expect(cronOccurrences('* * 31 2 *', 'UTC', 0, at('2100-01-01T00:00'))).toEqual([])
})

test('a bad line and a bad zone are both told', () => {
  expect(scheduleProblems({ cron: 'x', zone: 'y' }).map(({ path }) => path)).toEqual([
    'schedule.cron',
    'schedule.zone',
  ])
})

test('a config is told all that is wrong with its schedules', async () => {
  const consolidators = ['0 0 31 2 *', '0 25 * * *'].map((cron, index) => ({
    name: `c${index}`,
    schedule: { cron },
    consolidate: async () => undefined,
  }))
  await expect(resolveConfig({ consolidators })).rejects.toThrow(/schedule\.cron.*never fire.*\n.*hour: 25/)
})

test('a cron line of a consolidator fires at its wall time, in the zone of the config', async () => {
  const { turns, clock, stop } = running({ cron: '5 0 * * *' }, '2026-03-28T12:00:00Z', 'Europe/Berlin')
  await clock.advance(48 * HOUR)
  expect(turns.map(iso)).toEqual(['2026-03-28T23:05', '2026-03-29T22:05'])
  await stop()
})

test('a set clock neither stalls nor bursts a cron schedule', async () => {
  const { turns, clock, stop } = running({ cron: '0 * * * *' }, '2026-01-01T12:30:00Z')
  await clock.advance(MINUTE)
  clock.jump(5 * HOUR)
  await clock.advance(MINUTE)
  expect(turns.map(iso)).toEqual(['2026-01-01T17:32'])
  await clock.advance(30 * MINUTE)
  expect(turns.map(iso)).toEqual(['2026-01-01T17:32', '2026-01-01T18:00'])
  clock.jump(-48 * HOUR)
  await clock.advance(HOUR)
  expect(turns.map(iso).slice(2)).toEqual(['2025-12-30T19:00'])
  await stop()
})

test('an interval does not care about the wall', async () => {
  const { turns, clock, stop } = running('10m', '2026-01-01T12:00:00Z')
  clock.jump(-HOUR)
  await clock.advance(10 * MINUTE)
  expect(turns.map(iso)).toEqual(['2026-01-01T11:10'])
  await stop()
})

test('what comes due during a turn is skipped, not queued', async () => {
  const { turns, clock, stop } = running({ cron: '*/5 * * * *' }, '2026-01-01T12:00:00Z', 'UTC', 12 * MINUTE)
  await clock.advance(48 * MINUTE)
  expect(turns.map(iso)).toEqual(['2026-01-01T12:05', '2026-01-01T12:20', '2026-01-01T12:35'])
  await stop()
})

test('it stops in the middle of a wait and leaves no timer behind', async () => {
  const { turns, clock, stop } = running({ cron: '0 0 1 1 *' }, '2026-01-01T12:00:00Z')
  await settle()
  expect(clock.pending).toBe(1)
  await stop()
  expect([clock.pending, turns]).toEqual([0, []])
})

/** A consolidation that notes the wall time of its turns. */
function running(schedule: Schedule, start: string, zone = 'UTC', takes = 0) {
  const clock = new FakeClock(start)
  const turns: number[] = []
  const life = new AbortController()
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const consolidate = async () => {
    turns.push(clock.now())
    if (takes) await new Promise<void>((resolve) => clock.timer(resolve, takes))
  }
  const consolidation = new Consolidation({ name: 'noting', schedule, consolidate }, memoryStorage(), {
    clock,
    log,
    signal: life.signal,
    zone,
  })
  const loop = consolidation.run((error) => {
    throw error
  })
  const stop = async () => {
    life.abort()
    await loop
  }
  return { turns, clock, stop }
}
