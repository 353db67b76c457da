import { consolidatorContract, memoryStorage } from '@uptimeserver/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sla } from '../src/consolidators/sla.js'
import type { Event, Storage, Summary } from '../src/contracts.js'
import { UptimeError } from '../src/errors.js'
import { availability } from '../src/figures/availability.js'
import type { SlaRow } from '../src/figures/figures.js'
import { all } from '../src/kit/all.js'
import { contextAt as contextIn, quiet, replacing } from './support/consolidating.js'

consolidatorContract(test, () => ({ create: () => sla({ zone: 'Asia/Kathmandu', groups: ['category'] }) }))

const DAY = 86_400_000
const HOUR = DAY / 24
const MINUTE = 60_000
/** Three months around the end of summer time in Berlin, from a Monday that is no first of a month. */
const BEGIN = Date.UTC(2026, 8, 7, 13, 20)
const END = BEGIN + 90 * DAY
const ZONE = 'Europe/Berlin'
const SERVICES = ['shop', 'mail', 'search'] as const

const contextAt = (now: number, signal?: AbortSignal) => contextIn(now, ZONE, signal)

async function opened(): Promise<Storage> {
  const storage = memoryStorage()
  await storage.open(contextAt(0), { monitor: 'default' })
  return storage
}

let count = 0
const id = () => `e${++count}`
const added = (name: string, at = BEGIN): Event => ({
  type: 'service-added',
  id: id(),
  at,
  service: { id: name, kind: 'http', name, category: name === 'mail' ? 'infra' : 'web', sources: ['config'] },
})
const ran = (run: string, start: number, at: number): Event[] => [
  { type: 'alive', id: id(), at: start, run, start },
  { type: 'alive', id: id(), at, run, start },
]
const fell = (downtime: string, service: string, start: number, end: number): Event[] => [
  { type: 'down', id: downtime, at: start, service, start, reason: 'status 503' },
  { type: 'up', id: id(), at: end, service, downtime, end, reason: 'recovered' },
]
const excluded = (downtime: string, at: number): Event => ({
  type: 'correction',
  id: id(),
  at,
  downtime,
  exclude: true,
  reason: 'our own firewall',
  author: 'ops',
})

const frozen = async (storage: Storage, versions = false) =>
  (await all(storage.summaries({ prefix: 'sla|', versions }))).filter(({ version }) => version > 0)
const rowOf = ({ body }: Summary) => body as unknown as SlaRow

/** What a row must say, by the definition alone. */
async function expected(storage: Storage, service: string, period: { start: number; end: number }) {
  const of = { services: [service] }
  const [record] = await storage.services({ ids: [service], removed: true })
  const downtimes = (await all(storage.downtimes(of))).filter(
    ({ corrections }) => !corrections.at(-1)?.exclude,
  )
  const facts = {
    monitored: record!.monitored,
    runs: await all(storage.runs()),
    gaps: await all(storage.gaps(of)),
    maintenance: await all(storage.maintenance(of)),
    downtimes,
  }
  return availability(period, facts, period.end)
}

async function expectTrue(storage: Storage): Promise<void> {
  for (const summary of await frozen(storage)) {
    const row = rowOf(summary)
    if (row.service) expect(row).toMatchObject(await expected(storage, row.service, row.period))
  }
}

/** The figures alone: when they were made and from which entry of the log does not matter. */
const figures = async (storage: Storage) =>
  (await frozen(storage)).map(({ key, version, body }) => [key, version, body])

/** A history of facts, in the order in which they become known. */
const history = fc
  .record({
    outages: fc.array(
      fc.record({
        service: fc.constantFrom(...SERVICES),
        start: fc.integer({ min: 0, max: 89 * 24 * 60 }),
        length: fc.integer({ min: 1, max: 60 * 60 }),
      }),
      { maxLength: 25 },
    ),
    stops: fc.array(fc.integer({ min: 1, max: 89 * 24 }), { maxLength: 4 }),
    gaps: fc.array(
      fc.record({
        service: fc.constantFrom(...SERVICES),
        start: fc.integer({ min: 0, max: 89 * 24 }),
        length: fc.integer({ min: 1, max: 8 }),
      }),
      { maxLength: 5 },
    ),
    steps: fc.array(fc.integer({ min: 1, max: 40 * 24 }), { minLength: 1, maxLength: 12 }),
  })
  .map(({ outages, stops, gaps, steps }) => ({ facts: factsOf(outages, stops, gaps), steps }))

type Outage = { service: string; start: number; length: number }

function factsOf(outages: Outage[], stops: number[], gaps: Outage[]): Event[] {
  const facts: Event[] = SERVICES.map((name) => added(name))
  const free = new Map<string, number>()
  for (const { service, start, length } of [...outages].sort((a, b) => a.start - b.start)) {
    if (start <= (free.get(service) ?? -1)) continue
    free.set(service, start + length)
    facts.push(...fell(id(), service, BEGIN + start * MINUTE, BEGIN + (start + length) * MINUTE))
  }
  for (const { service, start, length } of gaps) {
    const [from, to] = [BEGIN + start * HOUR, BEGIN + (start + length) * HOUR]
    facts.push({ type: 'gap', id: id(), at: to, service, start: from, end: to, reason: 'overload' })
  }
  const edges = [0, ...[...new Set(stops)].sort((a, b) => a - b), 91 * 24]
  edges.slice(1).forEach((edge, index) => {
    const [start, end] = [BEGIN + edges[index]! * HOUR, BEGIN + edge * HOUR - 20 * MINUTE]
    for (let at = start; at < end; at += 6 * HOUR) facts.push(...ran(`r${index}`, start, Math.min(at, end)))
    facts.push(...ran(`r${index}`, start, end))
  })
  return facts.sort((a, b) => a.at - b.at)
}

/** Records what is known by then. */
async function recordUntil(storage: Storage, facts: Event[], from: number, to: number): Promise<void> {
  for (const fact of facts) if (fact.at >= from && fact.at < to) await storage.record([fact])
}

describe('closed periods', () => {
  test('are frozen as they are defined, whenever and however often it is done', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ facts, steps }) => {
        const storage = await opened()
        let now = BEGIN
        for (const hours of [...steps, 200 * 24]) {
          const next = Math.min(now + hours * HOUR, END)
          await recordUntil(storage, facts, now, next)
          now = next
          await sla().consolidate(storage, contextAt(now))
        }
        await recordUntil(storage, facts, now, Number.POSITIVE_INFINITY)
        await sla().consolidate(storage, contextAt(END + DAY))
        await expectTrue(storage)
        const atOnce = await opened()
        await recordUntil(atOnce, facts, 0, Number.POSITIVE_INFINITY)
        await sla().consolidate(atOnce, contextAt(END + DAY))
        await expectTrue(atOnce)
        const keys = (rows: Summary[]) =>
          rows.map(({ key, body }) => [key, rowOf({ body } as Summary).downMs])
        expect(keys(await frozen(storage))).toEqual(keys(await frozen(atOnce)))
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  test('are made from the first to the last, of every unit, for services and both figures of their groups', async () => {
    const storage = await opened()
    await storage.record([...SERVICES.map((name) => added(name)), ...ran('r', BEGIN, END)])
    await storage.record(fell('d1', 'shop', BEGIN + DAY, BEGIN + DAY + HOUR))
    await storage.record(fell('d2', 'search', BEGIN + DAY + HOUR / 2, BEGIN + DAY + 2 * HOUR))
    await sla().consolidate(storage, contextAt(END))
    const rows = (await frozen(storage)).map(rowOf)
    const labels = (unit: string) =>
      rows
        .filter(({ service, period }) => service === 'shop' && period.unit === unit)
        .map((row) => row.period.label)
    expect(labels('day')).toHaveLength(90)
    expect(labels('week').slice(0, 2)).toEqual(['2026-W37', '2026-W38'])
    expect(labels('month')).toEqual(['2026-09', '2026-10', '2026-11'])
    expect(labels('quarter')).toEqual(['2026-Q3'])
    expect(labels('year')).toEqual([])
    const web = rows.filter(({ group, period }) => group?.value === 'web' && period.label === '2026-W37')
    expect(
      web.map(({ group, downMs, downtimes }) => [group!.figure, group!.services, downMs, downtimes]),
    ).toEqual([
      ['all-up', 2, 2 * HOUR, 1],
      ['mean', 2, 2.5 * HOUR, 2],
    ])
  })
})

test('a consolidation that breaks off anywhere is gone on with, and comes to the same figures', async () => {
  await fc.assert(
    fc.asyncProperty(
      history,
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 }),
      async ({ facts }, breaks) => {
        const storage = await opened()
        await recordUntil(storage, facts, 0, Number.POSITIVE_INFINITY)
        for (const saves of breaks) {
          let left = saves
          const fragile = replacing(storage, {
            save: (summaries) => (left-- > 0 ? storage.save(summaries) : Promise.reject(new Error('killed'))),
          })
          const outcome = await sla()
            .consolidate(fragile, contextAt(END + saves * HOUR))
            .catch(({ message }) => message)
          expect(outcome).toBe(left < 0 ? 'killed' : undefined)
        }
        await sla().consolidate(storage, contextAt(END + 50 * HOUR))
        const whole = await opened()
        await recordUntil(whole, facts, 0, Number.POSITIVE_INFINITY)
        await sla().consolidate(whole, contextAt(END + 50 * HOUR))
        expect(await figures(storage)).toEqual(await figures(whole))
      },
    ),
    { numRuns: 25 },
  )
}, 120_000)

describe('one service that fails holds up no other', () => {
  const failures = async (report: ReturnType<typeof sla>, storage: Storage) => {
    const errors: string[] = []
    const context = contextAt(END)
    await report.consolidate(storage, {
      ...context,
      log: { ...quiet, error: (message) => void errors.push(message) },
    })
    return errors
  }
  const filled = async () => {
    const storage = await opened()
    await storage.record([...SERVICES.map((name) => added(name)), ...ran('r', BEGIN, END)])
    return storage
  }
  const reported = async (storage: Storage) =>
    new Set((await frozen(storage)).map((summary) => rowOf(summary).service ?? 'a group'))

  test('when the filter throws for it', async () => {
    const storage = await filled()
    const filter = ({ name }: { name: string }) => {
      if (name === 'mail') throw new Error('no such team')
      return true
    }
    const errors = await failures(sla({ filter }), storage)
    expect(errors).toEqual(['the filter failed for http "mail": no such team'])
    expect(await reported(storage)).toEqual(new Set(['shop', 'search', 'a group']))
  })

  test('when the storage takes no figure of it', async () => {
    const storage = await filled()
    const picky = replacing(storage, {
      save: (summaries) =>
        summaries.some(({ key }) => key.endsWith('|2026-10-01|mail'))
          ? Promise.reject(new UptimeError('FACTS_REFUSED', 'too long'))
          : storage.save(summaries),
    })
    const errors = await failures(sla({ periods: ['day'] }), picky)
    expect(errors).toEqual([expect.stringMatching(/\|2026-10-01\|mail was not kept: too long$/)])
    expect(await frozen(storage)).toHaveLength(90 * 3 + 90 * 4 - 1)
  })

  test('but a storage that is away is told, and everything is made the next time', async () => {
    const storage = await filled()
    const away = replacing(storage, { save: () => Promise.reject(new Error('away')) })
    await expect(sla().consolidate(away, contextAt(END))).rejects.toThrow('away')
    await sla().consolidate(storage, contextAt(END))
    await expectTrue(storage)
    expect(await reported(storage)).toEqual(new Set([...SERVICES, 'a group']))
  })
})

describe('a fact that arrives late', () => {
  async function consolidated() {
    const storage = await opened()
    await storage.record([...SERVICES.map((name) => added(name)), ...ran('r', BEGIN, END)])
    await storage.record(fell('d1', 'shop', BEGIN + DAY, BEGIN + DAY + HOUR))
    await sla().consolidate(storage, contextAt(END))
    return storage
  }
  const restated = async (storage: Storage) =>
    (await frozen(storage)).filter(({ version }) => version > 1).map(({ key }) => key.split('|').slice(3))

  test('restates the periods that it touches, and no other', async () => {
    const storage = await consolidated()
    const before = await figures(storage)
    const night = Date.UTC(2026, 9, 1, 21, 30)
    await storage.record(fell('late', 'mail', night, night + HOUR))
    await sla().consolidate(storage, contextAt(END + HOUR))
    expect((await restated(storage)).map((parts) => parts.join(' ')).sort()).toEqual(
      ['day 2026-10-01', 'day 2026-10-02', 'month 2026-10', 'week 2026-W40']
        .flatMap((period) => [
          `${period} category=infra all-up`,
          `${period} category=infra mean`,
          `${period} mail`,
        ])
        .sort(),
    )
    await expectTrue(storage)
    const versions = await all(storage.summaries({ prefix: 'sla|', versions: true }))
    const first = versions
      .filter(({ version }) => version === 1)
      .map(({ key, version, body }) => [key, version, body])
    expect(first).toEqual(before)
    const day = versions.find(({ key, version }) => version === 2 && key.endsWith('2026-10-01|mail'))
    expect(rowOf(day!).because).toEqual(['a downtime became known later: status 503'])
  })

  test('that changes no figure makes no version', async () => {
    const storage = await consolidated()
    await storage.record([
      { type: 'gap', id: id(), at: END, service: 'shop', start: BEGIN, end: BEGIN, reason: 'x' },
    ])
    await storage.record(fell('early', 'shop', BEGIN - DAY, BEGIN))
    await sla().consolidate(storage, contextAt(END + HOUR))
    expect(await restated(storage)).toEqual([])
  })

  test('may be a correction, maintenance for the past, or a run that was longer than was known', async () => {
    const storage = await consolidated()
    await storage.record([excluded('d1', END)])
    await storage.record([
      {
        type: 'maintenance',
        id: id(),
        at: END,
        window: 'w',
        services: ['mail'],
        start: BEGIN,
        end: BEGIN + 3 * DAY,
        reason: 'new disks',
      },
    ])
    await sla().consolidate(storage, contextAt(END + HOUR))
    await expectTrue(storage)
    const latest = await frozen(storage)
    const of = (key: string) => rowOf(latest.find((summary) => summary.key.endsWith(key))!)
    expect(of('2026-09|shop')).toMatchObject({
      uptime: 100,
      because: ['a downtime was excluded by ops: our own firewall'],
    })
    expect(of('2026-09|mail')).toMatchObject({ maintenanceMs: 3 * DAY, because: ['maintenance: new disks'] })
    await storage.record(ran('before', BEGIN - DAY, BEGIN + 1))
    await sla().consolidate(storage, contextAt(END + 2 * HOUR))
    await expectTrue(storage)
  })

  test('is found whatever it is, after whatever was counted before', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.nat(1000), { maxLength: 30 }), async ({ facts, steps }, late) => {
        const storage = await opened()
        const isLate = (index: number) => facts[index]!.type !== 'service-added' && late.includes(index)
        const known = facts.filter((_, index) => !isLate(index))
        let now = BEGIN
        for (const hours of [...steps, 200 * 24]) {
          const next = Math.min(now + hours * HOUR, END)
          await recordUntil(storage, known, now, next)
          now = next
          await sla().consolidate(storage, contextAt(now))
        }
        for (const fact of facts) await storage.record([fact])
        await sla().consolidate(storage, contextAt(END + DAY))
        await expectTrue(storage)
        await sla().consolidate(storage, contextAt(END + 2 * DAY))
        await expectTrue(storage)
      }),
      { numRuns: 40 },
    )
  }, 120_000)
})
