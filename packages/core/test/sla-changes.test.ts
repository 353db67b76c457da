import { MemoryPlace, memoryStorage } from '@uptimeserver/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.js'
import { type SlaOptions, sla } from '../src/consolidators/sla.js'
import type { Event, Storage } from '../src/contracts.js'
import type { SlaRow } from '../src/figures/figures.js'
import { all } from '../src/kit/all.js'
import { createReports } from '../src/reports/reports.js'
import { contextAt, replacing } from './support/consolidating.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const BEGIN = Date.UTC(2026, 10, 1)

let count = 0
const id = () => `e${++count}`
const service = (name: string, category = 'web', at = BEGIN, type: 'added' | 'changed' = 'added'): Event => ({
  ...{ type: `service-${type}`, id: id(), at },
  service: { id: name, kind: 'http', name, category, sources: ['config'] },
})
const ran = (until: number, run = 'r1', start = BEGIN): Event[] => [
  { type: 'alive', id: id(), at: start, run, start },
  { type: 'alive', id: id(), at: until, run, start },
]
const down = (downtime: string, name: string, start: number): Event => ({
  ...{ type: 'down', id: downtime, at: start, service: name, start, reason: 'status 503' },
})
const up = (downtime: string, name: string, end: number): Event => ({
  ...{ type: 'up', id: id(), at: end, service: name, downtime, end, reason: 'recovered' },
})
const agreed = (window: string, start: number, end: number | null, services?: string[]): Event => ({
  ...{ type: 'maintenance', id: id(), at: start, window, start, end, reason: `window ${window}` },
  ...(services && { services }),
})
const excluded = (downtime: string, at: number): Event => ({
  ...{ type: 'correction', id: id(), at, downtime, exclude: true, reason: 'our firewall', author: 'ops' },
})

async function opened(...facts: Event[]): Promise<Storage> {
  const storage = memoryStorage()
  await storage.open(contextAt(0), { monitor: 'default' })
  await storage.record(facts)
  return storage
}

/** Every version of what is frozen: `label|id`, version, hours down. */
async function versions(storage: Storage, of = '') {
  const kept = await all(storage.summaries({ prefix: 'sla|', versions: true }))
  return kept
    .filter(({ version, key }) => version > 0 && key.endsWith(of))
    .map(({ key, version, body }) => {
      const { downMs, because } = body as unknown as SlaRow
      return {
        key: key.split('|').slice(4).join('|'),
        version,
        down: downMs / HOUR,
        ...(because && { because }),
      }
    })
}

/** Frozen figures are what anybody would compute now, of services and groups. */
async function expectAsComputed(storage: Storage, at: number, groupBy: 'category'[] = []) {
  const clock = { ...systemClock, now: () => at }
  const of = (name?: string) => createReports(storage, { clock, ...(name && { name }) })
  const labels = new Set((await versions(storage)).map(({ key }) => key.split('|')[0]!))
  for (const label of labels) {
    const unit = label.length === 7 ? ('month' as const) : ('day' as const)
    const figures = async (name?: string) =>
      (await of(name).sla({ period: { unit, label }, groupBy })).map(
        ({ name, group, uptime, downMs, observedMs }) => {
          return { label, name, figure: group?.figure, uptime, downMs, observedMs }
        },
      )
    expect(await figures()).toEqual(await figures('nobody froze this'))
  }
}

const days = (options: SlaOptions = {}) => sla({ zone: 'UTC', periods: ['day'], groups: [], ...options })

describe('a period that was frozen too early', () => {
  test('by hand, before the monitor had said that it lived through it, is restated', async () => {
    const noon = BEGIN + DAY / 2
    const storage = await opened(
      service('shop'),
      ...ran(noon),
      down('d1', 'shop', BEGIN),
      up('d1', 'shop', BEGIN + HOUR),
    )
    const report = days()
    await report.consolidate(storage, contextAt(noon))
    await report.consolidate(storage, contextAt(BEGIN + 2 * DAY), {
      range: { start: BEGIN, end: BEGIN + DAY },
    })
    expect(await versions(storage)).toEqual([{ key: '2026-11-01|shop', version: 1, down: 1 }])
    await storage.record([excluded('d1', BEGIN + 2 * DAY)])
    await report.consolidate(storage, contextAt(BEGIN + 2 * DAY))
    expect((await versions(storage)).at(-1)).toEqual({
      ...{ key: '2026-11-01|shop', version: 2, down: 0 },
      because: ['a downtime was excluded by ops: our firewall'],
    })
    await storage.record(ran(BEGIN + 2 * DAY))
    await storage.record([down('d2', 'shop', noon + HOUR), up('d2', 'shop', noon + 4 * HOUR)])
    await report.consolidate(storage, contextAt(BEGIN + 2 * DAY))
    expect(await versions(storage)).toContainEqual(
      expect.objectContaining({ key: '2026-11-01|shop', version: 3, down: 3 }),
    )
    await expectAsComputed(storage, BEGIN + 2 * DAY)
  })

  test('because the storage went away before all was kept, is restated', async () => {
    const storage = await opened(
      service('shop'),
      ...ran(BEGIN + 2 * DAY),
      down('d1', 'shop', BEGIN),
      up('d1', 'shop', BEGIN + HOUR),
    )
    const failing = replacing(storage, {
      async save(summaries) {
        if (summaries.some(({ version }) => version === 0)) throw new Error('the storage is away')
        await storage.save(summaries)
      },
    })
    await expect(days().consolidate(failing, contextAt(BEGIN + 2 * DAY))).rejects.toThrow('away')
    await storage.record([excluded('d1', BEGIN + 2 * DAY)])
    await days().consolidate(storage, contextAt(BEGIN + 2 * DAY))
    expect((await versions(storage)).at(1)).toMatchObject({ version: 2, down: 0 })
    await expectAsComputed(storage, BEGIN + 2 * DAY)
  })
})

describe('a report that is asked for something else', () => {
  test('counts another unit from the beginning, not from where it stood', async () => {
    const storage = await opened(
      service('shop'),
      ...ran(BEGIN + 20 * DAY),
      down('d1', 'shop', BEGIN + DAY),
      up('d1', 'shop', BEGIN + 4 * DAY),
    )
    await days().consolidate(storage, contextAt(BEGIN + 20 * DAY))
    const both = days({ periods: ['day', 'month'], groups: ['category'] })
    await both.consolidate(storage, contextAt(BEGIN + 20 * DAY))
    await storage.record(ran(BEGIN + 31 * DAY))
    await both.consolidate(storage, contextAt(BEGIN + 31 * DAY))
    expect(await versions(storage, '2026-11|shop')).toEqual([{ key: '2026-11|shop', version: 1, down: 72 }])
    await expectAsComputed(storage, BEGIN + 31 * DAY, ['category'])
  })

  test('counts its groups anew when services come and go between them', async () => {
    const monthly = (filter?: SlaOptions['filter']) =>
      sla({ zone: 'UTC', periods: ['month'], groups: ['category'], ...(filter && { filter }) })
    const storage = await opened(
      ...[service('a', 'shop'), service('b', 'web'), service('z', 'shop'), ...ran(BEGIN + 15 * DAY)],
      ...[down('d1', 'a', BEGIN + DAY), up('d1', 'a', BEGIN + 4 * DAY)],
    )
    await monthly().consolidate(storage, contextAt(BEGIN + 15 * DAY))
    await storage.record([service('a', 'web', BEGIN + 15 * DAY, 'changed'), ...ran(BEGIN + 31 * DAY)])
    await monthly().consolidate(storage, contextAt(BEGIN + 31 * DAY))
    await expectAsComputed(storage, BEGIN + 31 * DAY, ['category'])
    expect(await versions(storage, '=shop all-up')).toMatchObject([{ version: 1, down: 0 }])
    expect(await versions(storage, '=web all-up')).toMatchObject([{ version: 1, down: 72 }])
  })

  test('forgets in its groups whom its filter leaves out', async () => {
    const monthly = (filter?: SlaOptions['filter']) =>
      sla({ zone: 'UTC', periods: ['month'], groups: ['category'], ...(filter && { filter }) })
    const storage = await opened(
      ...[service('a'), service('b'), ...ran(BEGIN + 15 * DAY)],
      ...[down('d1', 'b', BEGIN + DAY), up('d1', 'b', BEGIN + 4 * DAY)],
    )
    await monthly().consolidate(storage, contextAt(BEGIN + 15 * DAY))
    await storage.record(ran(BEGIN + 31 * DAY))
    await monthly({ names: ['a'] }).consolidate(storage, contextAt(BEGIN + 31 * DAY))
    expect(await versions(storage)).toMatchObject([{ down: 0 }, { down: 0 }, { down: 0 }])
  })

  test('says so when a restated group is of other services than it was', async () => {
    const storage = await opened(service('a', 'shop'), service('b', 'web'), ...ran(BEGIN + 2 * DAY))
    const report = days({ groups: ['category'] })
    await report.consolidate(storage, contextAt(BEGIN + 2 * DAY))
    await storage.record([service('a', 'web', BEGIN + 2 * DAY, 'changed')])
    await storage.record([down('d1', 'a', BEGIN + HOUR), up('d1', 'a', BEGIN + 2 * HOUR)])
    await report.consolidate(storage, contextAt(BEGIN + 2 * DAY))
    const [, second] = await versions(storage, '2026-11-01|category=web all-up')
    expect(second).toMatchObject({ version: 2, down: 1 })
    expect(second?.because).toContain('the group is of 2 services now, and was of 1')
  })

  test('shows no figure of a group that was frozen of other services than it is of', async () => {
    const storage = await opened(
      ...[service('a'), service('b'), ...ran(BEGIN + 2 * DAY)],
      ...[down('d1', 'b', BEGIN), up('d1', 'b', BEGIN + DAY)],
    )
    await days({ groups: ['category'] }).consolidate(storage, contextAt(BEGIN + 2 * DAY))
    const clock = { ...systemClock, now: () => BEGIN + 2 * DAY }
    const query = { period: { unit: 'day', label: '2026-11-01' }, groupBy: ['category'] } as const
    const uptimes = async (filter?: { names: string[] }) =>
      (await createReports(storage, { clock, ...(filter && { filter }) }).sla(query)).map(
        ({ name, group, uptime, version }) => [group ? `${name} ${group.figure}` : name, uptime, version],
      )
    expect(await uptimes({ names: ['a'] })).toEqual([
      ['a', 100, 1],
      ['web mean', 100, 0],
      ['web all-up', 100, 0],
    ])
    expect(await uptimes()).toEqual([
      ['a', 100, 1],
      ['b', 0, 1],
      ['web mean', 50, 1],
      ['web all-up', 0, 1],
    ])
  })
})

describe('agreed time that is agreed differently', () => {
  const history = () =>
    opened(
      service('a'),
      service('b'),
      ...ran(BEGIN + 5 * DAY),
      down('d1', 'a', BEGIN + HOUR),
      up('d1', 'a', BEGIN + 2 * HOUR),
    )
  const END = BEGIN + 5 * DAY

  test('restates what it was and what it is, and gives no other day a reason', async () => {
    const storage = await history()
    await storage.record([agreed('w', BEGIN, BEGIN + 3 * HOUR)])
    await days().consolidate(storage, contextAt(END))
    await storage.record([agreed('w', BEGIN + DAY, BEGIN + DAY + HOUR)])
    await days().consolidate(storage, contextAt(END))
    await expectAsComputed(storage, END)
    const later = (await versions(storage)).filter(({ version }) => version > 1).map(({ key }) => key)
    expect(later).toEqual(['2026-11-01|a', '2026-11-01|b', '2026-11-02|a', '2026-11-02|b'])
  })

  test('for fewer services is taken from the others', async () => {
    const storage = await history()
    await storage.record([agreed('w', BEGIN, BEGIN + 3 * HOUR, ['a', 'b'])])
    await days().consolidate(storage, contextAt(END))
    await storage.record([agreed('w', BEGIN, BEGIN + 3 * HOUR, ['b'])])
    await days().consolidate(storage, contextAt(END))
    await expectAsComputed(storage, END)
    expect((await versions(storage, '2026-11-01|b')).length).toBe(1)
  })

  test('for all, long after it was for some, is agreed for the others', async () => {
    const storage = await history()
    await storage.record([agreed('w', BEGIN, BEGIN + 3 * HOUR, ['b'])])
    await days().consolidate(storage, contextAt(END))
    await storage.record([agreed('w', BEGIN, BEGIN + 3 * HOUR)])
    await days().consolidate(storage, contextAt(END))
    await expectAsComputed(storage, END)
    expect((await versions(storage, '2026-11-01|a')).at(-1)).toMatchObject({ version: 2, down: 0 })
  })

  test('is one reason among others only where it lies', async () => {
    const storage = await history()
    await storage.record([down('d2', 'a', BEGIN + 2 * DAY), up('d2', 'a', BEGIN + 2 * DAY + HOUR)])
    await days().consolidate(storage, contextAt(END))
    await storage.record([agreed('w', BEGIN, BEGIN + HOUR), excluded('d2', END)])
    await days().consolidate(storage, contextAt(END))
    expect((await versions(storage, '2026-11-03|a')).at(-1)?.because).toEqual([
      'a downtime was excluded by ops: our firewall',
    ])
  })
})

test('a downtime that was another one, whose end is an earlier one now, restates all days since', async () => {
  const storage = await opened(service('a'), ...ran(BEGIN + 4 * DAY), down('x', 'a', BEGIN + HOUR))
  await days().consolidate(storage, contextAt(BEGIN + 4 * DAY))
  await storage.record([down('y', 'a', BEGIN + 2 * HOUR), up('y', 'a', BEGIN + 3 * HOUR)])
  await days().consolidate(storage, contextAt(BEGIN + 4 * DAY))
  await expectAsComputed(storage, BEGIN + 4 * DAY)
  expect((await versions(storage, '2026-11-03|a')).at(-1)).toMatchObject({ version: 2, down: 0 })
})

test('what becomes known while a report is being made is found by the next', async () => {
  const noon = BEGIN + DAY / 2
  const storage = await opened(service('a'), ...ran(noon))
  const gap = (gapId: string, end: number | null): Event => ({
    ...{ type: 'gap', id: gapId, at: noon, service: 'a', start: noon - HOUR, end, reason: 'late' },
  })
  let isFirst = true
  const racing = replacing(storage, {
    async *gaps(query) {
      if (isFirst) await storage.record([gap('g0', null)])
      isFirst = false
      yield* storage.gaps(query)
    },
  })
  await days({ grace: '1m' }).consolidate(racing, contextAt(noon))
  await storage.record([gap('end', noon + HOUR), ...ran(BEGIN + 2 * DAY)])
  await days({ grace: '1m' }).consolidate(storage, contextAt(BEGIN + 2 * DAY))
  await expectAsComputed(storage, BEGIN + 2 * DAY)
})

describe('a storage that forgets what is summarised', () => {
  const monthly = () => sla({ zone: 'UTC', periods: ['day', 'month'], groups: ['category'] })
  const later = BEGIN + 70 * DAY
  const history = () => [
    ...[service('a'), service('b'), ...ran(later)],
    ...[
      down('d1', 'a', BEGIN + DAY),
      up('d1', 'a', BEGIN + 2 * DAY),
      down('d2', 'b', BEGIN + 60 * DAY),
      up('d2', 'b', BEGIN + 60 * DAY + HOUR),
    ],
  ]
  async function forgetful(): Promise<Storage> {
    const storage = memoryStorage(new MemoryPlace(), { forgetful: true })
    await storage.open(contextAt(0), { monitor: 'default' })
    await storage.record(history())
    return storage
  }

  test('has the figures of one that does not', async () => {
    const [storage, whole] = [await forgetful(), await opened(...history())]
    for (const day of [40, 65, 70]) {
      await monthly().consolidate(storage, contextAt(BEGIN + day * DAY))
      await monthly().consolidate(whole, contextAt(BEGIN + day * DAY))
    }
    expect(await versions(storage)).toEqual(await versions(whole))
    // The running month begins on 1 January.
    expect(await storage.since!()).toBe(Date.UTC(2027, 0, 1))
    expect(await all(storage.downtimes())).toEqual([])
  })

  test('keeps its figures when something becomes known of then, or other periods are asked for', async () => {
    const storage = await forgetful()
    await monthly().consolidate(storage, contextAt(later))
    const before = await versions(storage)
    await storage.record([
      down('late', 'a', BEGIN + 10 * DAY),
      up('late', 'a', BEGIN + 11 * DAY),
      agreed('w', BEGIN, BEGIN + DAY),
    ])
    await monthly().consolidate(storage, contextAt(later))
    await monthly().consolidate(storage, contextAt(later), { range: { start: BEGIN, end: BEGIN + 30 * DAY } })
    expect(await versions(storage)).toEqual(before)
    const yearly = sla({ zone: 'UTC', periods: ['day', 'month', 'year'], groups: ['category'] })
    await yearly.consolidate(storage, contextAt(later))
    expect(await versions(storage)).toEqual(before)
  })

  test('has no figure of then that was not frozen, and says why none can be explained', async () => {
    const storage = await forgetful()
    await monthly().consolidate(storage, contextAt(later))
    const reports = createReports(storage, { clock: { ...systemClock, now: () => later } })
    const of = async (unit: 'month' | 'week', label: string) =>
      (await reports.sla({ period: { unit, label } })).map(({ name, uptime, version }) => [
        name,
        uptime,
        version,
      ])
    expect(await of('month', '2026-11')).toEqual([
      ['a', 100 * (29 / 30), 1],
      ['b', 100, 1],
    ])
    expect(await of('week', '2026-W46')).toEqual([
      ['a', null, 0],
      ['b', null, 0],
    ])
    await expect(reports.explain('a', { unit: 'month', label: '2026-11' })).rejects.toMatchObject({
      message: expect.stringContaining('facts of before 2027-01-01T00:00:00.000Z were forgotten'),
    })
    const [series] = await reports.series({ period: { start: BEGIN, end: later }, by: 'month' })
    expect(series!.points.map(({ uptime }) => uptime)).toEqual([null, null, 100])
  })
})

/** Anything that may be said about three days, in any order. */
const words = fc.array(
  fc.record({
    what: fc.constantFrom('agreed', 'agreed', 'fell', 'merged', 'moved', 'excluded'),
    who: fc.constantFrom('a', 'b'),
    window: fc.constantFrom('v', 'w'),
    from: fc.integer({ min: 0, max: 80 }),
    hours: fc.integer({ min: 1, max: 30 }),
    all: fc.boolean(),
  }),
  { maxLength: 8 },
)

test('whatever is said, and whenever a report is made in between, frozen figures are those of the record', async () => {
  const END = BEGIN + 5 * DAY
  await fc.assert(
    fc.asyncProperty(words, fc.integer({ min: 1, max: 4 }), async (said, every) => {
      const storage = await opened(service('a'), service('b'), ...ran(END))
      const report = days({ groups: ['category'] })
      let category = 0
      for (const [n, { what, who, window, from, hours, all }] of said.entries()) {
        const [start, end] = [BEGIN + from * HOUR, BEGIN + (from + hours) * HOUR]
        if (what === 'agreed') await storage.record([agreed(window, start, end, all ? undefined : [who])])
        if (what === 'fell') await storage.record([down(`d${n}`, who, start), up(`d${n}`, who, end)])
        if (what === 'merged')
          await storage.record([
            down(`m${n}`, who, start),
            down(`n${n}`, who, end),
            up(`n${n}`, who, end + HOUR),
          ])
        if (what === 'moved') await storage.record([service(who, `c${category++ % 2}`, END, 'changed')])
        if (what === 'excluded') await storage.record([excluded(`d${n - 1}`, END)])
        if (n % every === 0) await report.consolidate(storage, contextAt(END))
      }
      await report.consolidate(storage, contextAt(END))
      await expectAsComputed(storage, END)
    }),
    { numRuns: 150 },
  )
}, 60_000)
