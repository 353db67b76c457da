import { memoryStorage } from '@uptimeserver/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addMaintenance, correctDowntime, endMaintenance } from '../src/annotations.js'
import { systemClock } from '../src/clock.js'
import { sla } from '../src/consolidators/sla.js'
import type { Event, Storage } from '../src/contracts.js'
import type { SlaRow } from '../src/figures/figures.js'
import { all } from '../src/kit/all.js'
import { createReports, type ReportRules } from '../src/reports/reports.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The first of October in UTC, and noon of 22 November. */
const BEGIN = Date.UTC(2026, 9, 1)
const NOW = Date.UTC(2026, 10, 22, 12)
const clockAt = (now: number) => ({ ...systemClock, now: () => now })

let count = 0
const id = () => `e${++count}`
const service = (name: string, category: string, labels?: Record<string, string>, objective?: number) => ({
  type: 'service-added' as const,
  id: id(),
  at: BEGIN,
  service: {
    id: name,
    kind: 'http',
    name,
    category,
    sources: ['config'],
    ...(labels && { labels }),
    ...(objective && { objective }),
  },
})
const fell = (downtime: string, name: string, start: number, end: number | null): Event[] => [
  { type: 'down', id: downtime, at: start, service: name, start, reason: 'status 503' },
  ...(end === null
    ? []
    : [
        {
          type: 'up' as const,
          id: id(),
          at: end,
          service: name,
          downtime,
          end,
          reason: 'recovered' as const,
        },
      ]),
]

/** Two months of three services: one day in November unobserved, and every service with an outage. */
async function history(...more: Event[]): Promise<Storage> {
  const storage = memoryStorage()
  await storage.open({} as never, { monitor: 'default' })
  await storage.record([
    { type: 'alive', id: id(), at: BEGIN, run: 'r1', start: BEGIN },
    service('shop', 'web', { team: 'sales' }, 99.9),
    service('search', 'web', { team: 'data' }),
    service('mail', 'infra', { team: 'data' }),
    ...fell('d1', 'shop', BEGIN + DAY, BEGIN + DAY + HOUR),
    ...fell('d2', 'search', BEGIN + DAY + HOUR / 2, BEGIN + DAY + 2 * HOUR),
    { type: 'alive', id: id(), at: Date.UTC(2026, 10, 10), run: 'r1', start: BEGIN },
    { type: 'alive', id: id(), at: NOW, run: 'r2', start: Date.UTC(2026, 10, 11) },
    ...fell('d3', 'mail', Date.UTC(2026, 10, 20), null),
    ...more,
  ])
  return storage
}

const reportsOf = (storage: Storage, rules: ReportRules = {}) =>
  createReports(storage, {
    clock: clockAt(NOW),
    objective: { default: 99, categories: { infra: 95 } },
    ...rules,
  })
const month = (label?: string) => ({ unit: 'month' as const, label })
const brief = (
  rows: readonly { name: string; group?: { figure: string } | undefined; downMs: number; version: number }[],
) =>
  rows.map(({ name, group, downMs, version }) => [
    group ? `${name} ${group.figure}` : name,
    downMs / HOUR,
    version,
  ])

describe('figures', () => {
  test('of all services by name, then of groups, of any calendar period', async () => {
    const reports = reportsOf(await history())
    const rows = await reports.sla({ period: month('2026-10'), groupBy: ['category', 'label:team'] })
    expect(brief(rows)).toEqual([
      ['mail', 0, 0],
      ['search', 1.5, 0],
      ['shop', 1, 0],
      ['infra mean', 0, 0],
      ['infra all-up', 0, 0],
      ['web mean', 2.5, 0],
      ['web all-up', 2, 0],
      ['data mean', 1.5, 0],
      ['data all-up', 1.5, 0],
      ['sales mean', 1, 0],
      ['sales all-up', 1, 0],
    ])
    expect(rows[2]).toMatchObject({
      service: 'shop',
      kind: 'http',
      category: 'web',
      labels: { team: 'sales' },
      period: { unit: 'month', label: '2026-10', start: BEGIN, end: BEGIN + 31 * DAY, zone: 'UTC' },
      observedMs: 31 * DAY,
      coverage: 100,
      uptime: (100 * (31 * DAY - HOUR)) / (31 * DAY),
      downtimes: 1,
      longestMs: HOUR,
      mttrMs: HOUR,
      mtbfMs: 31 * DAY - HOUR,
      policy: { unobserved: 'exclude', maintenance: 'exclude' },
    })
  })

  test('know their objective: their own, their category, or that of everything', async () => {
    const rows = await reportsOf(await history()).sla({ period: month('2026-10'), groupBy: ['category'] })
    const budgets = Object.fromEntries(
      rows.map(({ name, group, objective, budgetMs, budgetLeftMs }) => [
        group ? `${name} ${group.figure}` : name,
        [objective, budgetMs, budgetLeftMs],
      ]),
    )
    const whole = 31 * DAY
    expect(budgets).toMatchObject({
      shop: [99.9, whole / 1000, whole / 1000 - HOUR],
      search: [99, whole / 100, whole / 100 - 1.5 * HOUR],
      mail: [95, whole / 20, whole / 20],
      'web all-up': [99, whole / 100, whole / 100 - 2 * HOUR],
    })
  })

  test('of the running period say when the budget will be used up at the present rate', async () => {
    const [mail] = await reportsOf(await history()).sla({ period: month(), filter: { names: ['mail'] } })
    expect(mail).toMatchObject({ downMs: 60 * HOUR, coverage: expect.closeTo(100 - (100 * 24) / 516, 6) })
    // Of 30 days one was not observed; 5 % may be down, and 60 h were in 492 h of observed time.
    expect(mail!.budgetMs).toBe(29 * DAY * 0.05)
    expect(mail!.budgetLeftMs).toBeLessThan(0)
    expect(mail!.budgetUsedUpAt).toBeNull()
    const lenient = reportsOf(await history(), { objective: 90 })
    const [row] = await lenient.sla({ period: month(), filter: { names: ['mail'] } })
    expect(row!.budgetUsedUpAt).toBe(Math.floor(NOW + (29 * DAY * 0.1 - 60 * HOUR) / (60 / 492)))
  })

  test('of a group are those of its service when it has one, whatever was not observed', async () => {
    const across = fell('d4', 'shop', Date.UTC(2026, 10, 9, 22), Date.UTC(2026, 10, 11, 3))
    const storage = await history(...across)
    const rows = await reportsOf(storage).sla({ period: month('2026-11'), groupBy: ['label:team'] })
    const figures = ({ downtimes, downMs, longestMs, mttrMs, mtbfMs, uptime }: SlaRow) => ({
      ...{ downtimes, downMs, longestMs, mttrMs, mtbfMs, uptime },
    })
    const shop = rows.find(({ service }) => service === 'shop')!
    const group = rows.find(({ group }) => group?.value === 'sales' && group.figure === 'all-up')!
    expect(figures(group)).toEqual(figures(shop))
    // The day that nobody watched lies within it.
    expect(shop).toMatchObject({ downtimes: 1, downMs: 5 * HOUR })
  })

  test('of a mean have the budgets of its services', async () => {
    const reports = reportsOf(await history(), { objective: 90 })
    const rows = await reports.sla({ period: month(), groupBy: ['label:team'] })
    const of = (name: string, figure?: string) =>
      rows.find((row) => row.name === name && row.group?.figure === figure)!
    const [mail, search, mean] = [of('mail'), of('search'), of('data', 'mean')]
    expect(mean.budgetMs).toBe(mail.budgetMs! + search.budgetMs!)
    expect(mean.budgetLeftMs).toBe(mail.budgetLeftMs! + search.budgetLeftMs!)
    const rate = 60 / (2 * 492)
    expect(mean.budgetUsedUpAt).toBeNull()
    expect(NOW + mean.budgetLeftMs! / (2 * rate)).toBeGreaterThan(mean.period.end)
  })

  test('of a range of time, and of periods in another zone', async () => {
    const reports = reportsOf(await history(), { zone: 'Asia/Tokyo' })
    const range = { start: BEGIN + DAY, end: BEGIN + DAY + 2 * HOUR }
    const [, search] = await reports.sla({ period: range })
    expect(search).toMatchObject({ uptime: 25, period: { unit: 'range', ...range, zone: 'Asia/Tokyo' } })
    expect(reports.period({ unit: 'day' })).toMatchObject({
      label: '2026-11-22',
      start: Date.UTC(2026, 10, 21, 15),
    })
  })

  test('of a period that has not begun are null, and of one before everything there are none', async () => {
    const reports = reportsOf(await history())
    const future = await reports.sla({ period: month('2027-03'), groupBy: ['category'] })
    expect(future.map(({ uptime, coverage, observedMs }) => [uptime, coverage, observedMs])).toEqual(
      Array.from({ length: 7 }, () => [null, null, 0]),
    )
    expect(await reports.sla({ period: month('2017-10') })).toEqual([])
  })

  test('come from frozen ones where there are any', async () => {
    const storage = await history()
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    const context = { clock: clockAt(NOW), log, signal: new AbortController().signal, zone: 'UTC' }
    await sla().consolidate(storage, context)
    await storage.record(fell('late', 'search', BEGIN + 2 * DAY, BEGIN + 2 * DAY + HOUR))
    const reports = reportsOf(storage)
    const october = { period: month('2026-10'), groupBy: ['category' as const] }
    const versions = (rows: readonly { version: number }[]) => rows.map(({ version }) => version)
    expect(versions(await reports.sla(october))).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(versions(await reports.sla({ ...october, groupBy: ['label:team'] }))).toEqual([
      1, 1, 1, 0, 0, 0, 0,
    ])
    expect(versions(await reportsOf(storage, { zone: 'Asia/Tokyo' }).sla(october))).toEqual([
      0, 0, 0, 0, 0, 0, 0,
    ])
    expect(versions(await reports.sla({ period: month() }))).toEqual([0, 0, 0])
    const { row, frozen } = await reports.explain('search', month('2026-10'))
    expect([row.downMs, frozen?.downMs, frozen?.version]).toEqual([2.5 * HOUR, 1.5 * HOUR, 1])
    await sla().consolidate(storage, context)
    expect(versions(await reports.sla(october))).toEqual([1, 2, 1, 1, 1, 2, 2])
  })

  test('of each day add up to those of the month, in days of any length', async () => {
    const reports = reportsOf(await history(), { zone: 'Europe/Berlin' })
    const series = await reports.series({ period: month('2026-10'), by: 'day' })
    expect(series.map(({ name, points }) => [name, points.length])).toEqual([
      ['mail', 31],
      ['search', 31],
      ['shop', 31],
    ])
    const [, search] = series
    const sum = (key: 'downMs' | 'observedMs' | 'elapsedMs') =>
      search!.points.reduce((total, point) => total + point[key], 0)
    const rows = await reports.sla({ period: month('2026-10'), filter: { names: ['search'] } })
    expect(rows[0]).toMatchObject({
      downMs: sum('downMs'),
      observedMs: sum('observedMs'),
      elapsedMs: sum('elapsedMs'),
    })
    expect(search!.points.filter(({ downMs }) => downMs).map(({ label }) => label)).toEqual(['2026-10-02'])
    const [longest] = [...search!.points].sort((a, b) => b.elapsedMs - a.elapsedMs)
    expect([longest!.label, longest!.elapsedMs]).toEqual(['2026-10-25', 25 * HOUR])
  })

  test('of each hour of a range, as far as it has come', async () => {
    const range = { start: NOW - 90 * 60_000, end: NOW + DAY }
    const [mail] = await reportsOf(await history()).series({
      period: range,
      by: 'hour',
      filter: { names: ['mail'] },
    })
    expect(mail!.points.map(({ start, uptime, elapsedMs }) => [start, uptime, elapsedMs])).toEqual([
      [NOW - 1.5 * HOUR, 0, HOUR],
      [NOW - 0.5 * HOUR, 0, HOUR / 2],
    ])
    const future = await reportsOf(await history()).series({ period: month('2027-01'), by: 'day' })
    expect(future.map(({ points }) => points)).toEqual([[], [], []])
  })

  test('refuse what cannot be', async () => {
    const reports = reportsOf(await history())
    const code = { code: 'PERIOD_INVALID' }
    await expect(reports.sla({ period: month('2026-13') })).rejects.toMatchObject(code)
    for (const [start, end] of [
      [5, 5],
      [0, Infinity],
      [Number.NaN, 1],
      [0.5, 2],
      [9e15, 9.1e15],
    ] as const)
      await expect(reports.sla({ period: { start, end } })).rejects.toMatchObject(code)
    await expect(reports.sla({ period: month('') })).rejects.toMatchObject(code)
    const ever = { start: 0, end: NOW }
    await expect(reports.series({ period: ever, by: 'hour' })).rejects.toThrow(
      'found 1970-01-01T00:00:00.000Z to 2026-11-22T12:00:00.000Z by hour, expected 10,000 parts at most',
    )
    await expect(reports.explain('nobody', month())).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(() => createReports(memoryStorage(), { zone: 'Mars/Base' })).toThrow(expect.objectContaining(code))
  })
})

describe('an explanation', () => {
  test('gives every moment of the period to what it counts as, and why', async () => {
    const storage = await history()
    await storage.record([
      {
        type: 'gap',
        id: id(),
        at: NOW,
        service: 'shop',
        start: Date.UTC(2026, 10, 12),
        end: Date.UTC(2026, 10, 12, 6),
        reason: 'overload',
      },
      ...fell('d4', 'shop', Date.UTC(2026, 10, 12, 5), Date.UTC(2026, 10, 12, 7)),
    ])
    await addMaintenance(
      storage,
      { start: Date.UTC(2026, 10, 13), end: Date.UTC(2026, 10, 14), reason: 'racks', author: 'ops' },
      clockAt(NOW),
    )
    const { spans, downtimes, row } = await reportsOf(storage).explain('shop', month('2026-11'))
    const told = spans.map(
      ({ start, end, as, because }) =>
        `${new Date(start).toISOString().slice(8, 16)} ${(end - start) / HOUR}h ${as}: ${because.replace(/m[0-9a-f]{8}/, 'm…')}`,
    )
    expect(told).toEqual([
      '01T00:00 216h up: run r1',
      '10T00:00 24h unobserved: no run of the monitor',
      '11T00:00 24h up: run r2',
      '12T00:00 6h unobserved: gap: overload',
      '12T06:00 1h down: downtime d4: status 503',
      '12T07:00 17h up: run r2',
      '13T00:00 24h maintenance: maintenance m…: racks (ops)',
      '14T00:00 204h up: run r2',
    ])
    expect(downtimes).toMatchObject([
      { id: 'd4', countedMs: HOUR, notes: ['a part was not observed, or in maintenance'] },
    ])
    expect(row.downMs).toBe(HOUR)
  })

  test('adds up to the figure, whatever happened', async () => {
    const minute = fc.integer({ min: 0, max: 3 * 24 * 60 })
    const stretch = fc.tuple(minute, minute).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const)
    const stretches = fc.array(stretch, { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(
        stretches,
        stretches,
        stretches,
        stretches,
        stretch,
        async (runs, gaps, downs, windows, period) => {
          const storage = memoryStorage()
          await storage.open({} as never, { monitor: 'default' })
          const ms = (minutes: number) => BEGIN + minutes * 60_000
          const facts: Event[] = [service('shop', 'web')]
          for (const [from, to] of runs) {
            const run = id()
            facts.push({ type: 'alive', id: id(), at: ms(to), run, start: ms(from) })
          }
          for (const [from, to] of gaps)
            facts.push({
              type: 'gap',
              id: id(),
              at: ms(to),
              service: 'shop',
              start: ms(from),
              end: ms(to),
              reason: 'x',
            })
          for (const [from, to] of downs) facts.push(...fell(id(), 'shop', ms(from), ms(to)))
          for (const [from, to] of windows)
            facts.push({
              type: 'maintenance',
              id: id(),
              at: ms(to),
              window: id(),
              start: ms(from),
              end: ms(to),
              reason: 'x',
            })
          await storage.record(facts)
          const range = { start: ms(period[0]), end: ms(period[1]) }
          const { row, spans, downtimes } = await reportsOf(storage).explain('shop', range)
          const sum = (as: string) =>
            spans.filter((span) => span.as === as).reduce((total, { start, end }) => total + end - start, 0)
          expect([sum('up') + sum('down'), sum('down'), sum('unobserved'), sum('maintenance')]).toEqual([
            row.observedMs,
            row.downMs,
            row.unobservedMs,
            row.maintenanceMs,
          ])
          expect(downtimes.reduce((total, { countedMs }) => total + countedMs, 0)).toBe(row.downMs)
          let next = range.start
          for (const { start, end } of spans) {
            expect(start).toBe(next)
            next = end
          }
          expect(next).toBe(Math.min(range.end, NOW))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a person says', () => {
  test('that a downtime does not count, and that it does again', async () => {
    const storage = await history()
    const reports = reportsOf(storage)
    const query = { period: month('2026-10'), filter: { names: ['shop'] } }
    const word = { author: 'ops', reason: 'our own firewall' }
    await correctDowntime(storage, 'd1', { ...word, exclude: true }, clockAt(NOW))
    expect((await reports.sla(query))[0]!.uptime).toBe(100)
    expect((await reports.downtimes({ filter: query.filter }))[0]).toMatchObject({
      id: 'd1',
      excluded: true,
      observedMs: 0,
      correction: { ...word, at: NOW },
    })
    expect((await reports.explain('shop', month('2026-10'))).downtimes[0]).toMatchObject({
      countedMs: 0,
      notes: ['excluded by ops: our own firewall'],
    })
    await correctDowntime(storage, 'd1', {
      author: 'boss',
      reason: 'it was the firewall of the shop',
      exclude: false,
    })
    expect((await reports.sla(query))[0]!.downMs).toBe(HOUR)
    const [downtime] = await reports.downtimes({ filter: query.filter })
    expect(downtime).toMatchObject({ excluded: false, observedMs: HOUR, correction: { author: 'boss' } })
    expect(downtime!.corrections).toHaveLength(2)
  })

  test('when maintenance is, was, and ends', async () => {
    const storage = await history()
    const clock = clockAt(NOW)
    const word = { author: 'ops', reason: 'new racks' }
    const past = await addMaintenance(
      storage,
      { ...word, start: BEGIN + DAY, end: BEGIN + DAY + HOUR, filter: { categories: ['web'] } },
      clock,
    )
    expect(past).toMatchObject({ ...word, services: ['search', 'shop'] })
    const [, search, shop] = await reportsOf(storage).sla({ period: month('2026-10') })
    expect([search!.downMs, shop!.downMs, shop!.maintenanceMs]).toEqual([HOUR, 0, HOUR])
    const open = await addMaintenance(storage, { ...word, start: NOW - HOUR, end: null }, clock)
    expect(open.services).toBeUndefined()
    await endMaintenance(storage, open.window, clock)
    const future = await addMaintenance(storage, { ...word, start: NOW + HOUR, end: NOW + DAY }, clock)
    await endMaintenance(storage, future.window, clock)
    const windows = await all(storage.maintenance())
    expect(windows.map(({ start, end }) => end! - start)).toEqual([HOUR, HOUR, 0])
  })

  test.each([
    [
      'of a downtime that does not exist',
      (storage: Storage) => correctDowntime(storage, 'd9', { exclude: true, reason: 'x', author: 'ops' }),
      'NOT_FOUND',
    ],
    ['of a window that does not exist', (storage: Storage) => endMaintenance(storage, 'm9'), 'NOT_FOUND'],
    [
      'of services that do not exist',
      (storage: Storage) =>
        addMaintenance(storage, {
          start: 1,
          end: 2,
          reason: 'x',
          author: 'ops',
          filter: { names: ['nobody'] },
        }),
      'NOT_FOUND',
    ],
    [
      'of time that is none',
      (storage: Storage) => addMaintenance(storage, { start: 5, end: Infinity, reason: 'x', author: 'ops' }),
      'PERIOD_INVALID',
    ],
    [
      'of time that ends before it begins',
      (storage: Storage) => addMaintenance(storage, { start: 2, end: 2, reason: 'x', author: 'ops' }),
      'PERIOD_INVALID',
    ],
  ] as const)('nothing %s', async (_, act, code) => {
    const storage = await history()
    const before = await storage.cursor()
    await expect(act(storage)).rejects.toMatchObject({ code })
    expect(await storage.cursor()).toBe(before)
  })
})
