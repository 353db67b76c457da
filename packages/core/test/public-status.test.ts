import { consolidatorContract, memoryStorage } from '@uptimeserver/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PublicStatusOptions, publicStatus } from '../src/consolidators/public-status.js'
import type { PublicServiceStatus } from '../src/consolidators/status-record.js'
import type { Event, Storage } from '../src/contracts.js'
import { all } from '../src/kit/all.js'
import { createReports } from '../src/reports/reports.js'
import { selects } from '../src/schema/selector.js'
import { contextAt } from './support/consolidating.js'

consolidatorContract(test, () => ({ create: () => publicStatus({ downSince: '10m' }) }))

const MINUTE = 60_000
const BEGIN = Date.UTC(2026, 10, 22)

let count = 0
const id = () => `e${++count}`
const at = (minute: number) => BEGIN + minute * MINUTE
const facts = (name: string, category = 'web') => ({
  id: name,
  kind: 'http',
  name,
  category,
  sources: ['config'],
})
const added = (name: string, minute = 0): Event => ({
  type: 'service-added',
  id: id(),
  at: at(minute),
  service: facts(name),
})
const moved = (name: string, category: string, minute: number): Event => ({
  type: 'service-changed',
  id: id(),
  at: at(minute),
  service: facts(name, category),
})
const removed = (name: string, minute: number): Event => ({
  type: 'service-removed',
  id: id(),
  at: at(minute),
  service: name,
})
const down = (downtime: string, name: string, minute: number): Event => ({
  type: 'down',
  id: downtime,
  at: at(minute),
  service: name,
  start: at(minute),
  reason: 'secret address refused',
})
const up = (downtime: string, name: string, minute: number): Event => ({
  type: 'up',
  id: id(),
  at: at(minute),
  service: name,
  downtime,
  end: at(minute),
  reason: 'recovered',
})
const alive = (minute: number): Event => ({ type: 'alive', id: id(), at: at(minute), run: 'r', start: BEGIN })
const gap = (name: string, from: number, to: number | null): Event => ({
  type: 'gap',
  id: id(),
  at: at(to ?? from),
  service: name,
  start: at(from),
  end: to === null ? null : at(to),
  reason: 'overload',
})
const maintained = (window: string, from: number, to: number | null, services?: string[]): Event => ({
  type: 'maintenance',
  id: id(),
  at: at(from),
  window,
  start: at(from),
  end: to === null ? null : at(to),
  reason: 'new racks',
  ...(services && { services }),
})
const corrected = (downtime: string, exclude: boolean, minute: number): Event => ({
  type: 'correction',
  id: id(),
  at: at(minute),
  downtime,
  exclude,
  reason: 'our own firewall',
  author: 'ops',
})

async function opened(...events: Event[]): Promise<Storage> {
  const storage = memoryStorage()
  await storage.open({} as never, { monitor: 'default' })
  await storage.record([alive(0), added('shop'), added('mail'), ...events])
  return storage
}

const shown = async (storage: Storage) => (await createReports(storage).publicStatus()).services
const brief = async (storage: Storage) =>
  (await shown(storage)).map(({ name, status, since }) => `${name} ${status} ${(since - BEGIN) / MINUTE}`)

/** Time passes until a minute, and the status is made. */
async function make(storage: Storage, minute: number, status = publicStatus()): Promise<string[]> {
  await storage.record([alive(minute)])
  await status.consolidate(storage, contextAt(at(minute)))
  return brief(storage)
}

test('says what is up and down and since when, and nothing else', async () => {
  const storage = await opened(down('d', 'shop', 5))
  expect(await make(storage, 6)).toEqual(['mail up 0', 'shop down 5'])
  await storage.record([up('d', 'shop', 8)])
  expect(await make(storage, 9)).toEqual(['mail up 0', 'shop up 8'])
  expect((await shown(storage))[1]).toEqual({
    service: 'shop',
    kind: 'http',
    name: 'shop',
    category: 'web',
    status: 'up',
    since: at(8),
  })
  expect(JSON.stringify(await all(storage.summaries()))).not.toContain('secret')
})

test('a downtime that is shorter than downSince is shown as up, while it goes on and after', async () => {
  const status = publicStatus({ downSince: '10m' })
  const storage = await opened(down('d', 'shop', 5))
  expect(await make(storage, 14, status)).toEqual(['mail up 0', 'shop up 0'])
  expect(await make(storage, 15, status)).toEqual(['mail up 0', 'shop down 5'])
  await storage.record([up('d', 'shop', 20), down('d2', 'shop', 30), up('d2', 'shop', 35)])
  expect(await make(storage, 40, status)).toEqual(['mail up 0', 'shop up 20'])
})

test('maintenance comes before not looked at, and that before down', async () => {
  const status = publicStatus()
  const storage = await opened(down('d', 'shop', 5), gap('shop', 6, null), maintained('w', 10, 20, ['shop']))
  expect(await make(storage, 7, status)).toEqual(['mail up 0', 'shop unknown 6'])
  expect(await make(storage, 12, status)).toEqual(['mail up 0', 'shop maintenance 10'])
  await storage.record([gap('shop', 6, 21)])
  expect(await make(storage, 20, status)).toEqual(['mail up 0', 'shop down 5'])
})

test('without a monitor nothing is known, and with one again everything is', async () => {
  const storage = await opened()
  const status = publicStatus()
  await make(storage, 5, status)
  await status.consolidate(storage, contextAt(at(10)))
  expect(await brief(storage)).toEqual(['mail unknown 5', 'shop unknown 5'])
  expect(await make(storage, 15, status)).toEqual(['mail up 0', 'shop up 0'])
})

test('a service that leaves the filter loses its public status', async () => {
  const status = publicStatus({ filter: { categories: ['web'] } })
  const storage = await opened()
  await make(storage, 1, status)
  await storage.record([moved('mail', 'internal', 2)])
  expect(await make(storage, 3, status)).toEqual(['shop up 0'])
  await storage.record([removed('shop', 4)])
  expect(await make(storage, 5, status)).toEqual([])
  expect(await all(storage.summaries({ prefix: 'status|service|' }))).toEqual([])
  await make(await opened(), 1, status)
})

test('another filter after a restart takes those away that it does not choose', async () => {
  const storage = await opened()
  await make(storage, 1)
  expect(await make(storage, 2, publicStatus({ filter: { names: ['mail'] } }))).toEqual(['mail up 0'])
})

test('by hand only some are made, and the others stay', async () => {
  const storage = await opened(moved('mail', 'infra', 0))
  await make(storage, 1)
  await storage.record([down('d', 'shop', 2), down('d2', 'mail', 2), alive(3)])
  const scope = { filter: { categories: ['infra'] } }
  await publicStatus().consolidate(storage, contextAt(at(3)), scope)
  expect(await brief(storage)).toEqual(['mail down 2', 'shop up 0'])
  expect(await make(storage, 4)).toEqual(['mail down 2', 'shop down 2'])
})

test('was never made: nobody can say', async () => {
  expect(await createReports(await opened()).publicStatus()).toEqual({ at: null, services: [] })
})

/** The same by definition, from all that is on record. */
async function expected(storage: Storage, now: number, options: PublicStatusOptions) {
  const least = 10 * MINUTE
  const rows: PublicServiceStatus[] = []
  const holds = ({ start, end }: { start: number; end: number | null }) =>
    start <= now && (end ?? Infinity) > now
  for (const service of await storage.services()) {
    if (!selects(options.filter, service)) continue
    const of = { services: [service.id] }
    const downtimes = (await all(storage.downtimes(of))).filter(
      ({ start, end, corrections }) => !corrections.at(-1)?.exclude && (end ?? now) - start >= least,
    )
    const window = (await all(storage.maintenance(of))).find(holds)
    const hole = (await all(storage.gaps({ ...of, open: true })))[0]
    const open = downtimes.find(({ end }) => end === null)
    const since = Math.max(service.monitored.at(-1)!.start, ...downtimes.map(({ end }) => end ?? 0))
    const status = window ? 'maintenance' : hole ? 'unknown' : open ? 'down' : 'up'
    rows.push({ ...row(service), status, since: (window ?? hole ?? open)?.start ?? since })
  }
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const row = ({
  id: service,
  kind,
  name,
  category,
}: {
  id: string
  kind: string
  name: string
  category?: string | undefined
}) => ({
  service,
  kind,
  name,
  category,
})

const minute = fc.integer({ min: 1, max: 30 })
const name = fc.constantFrom('shop', 'mail', 'disk')
const step = fc.oneof(
  fc.record({ what: fc.constant('down' as const), name, wait: minute }),
  fc.record({ what: fc.constant('up' as const), name, wait: minute }),
  fc.record({ what: fc.constant('exclude' as const), name, wait: minute }),
  fc.record({ what: fc.constant('include' as const), name, wait: minute }),
  fc.record({ what: fc.constant('gap' as const), name, wait: minute }),
  fc.record({ what: fc.constant('seen' as const), name, wait: minute }),
  fc.record({ what: fc.constant('maintain' as const), name, wait: minute }),
  fc.record({ what: fc.constant('remove' as const), name, wait: minute }),
  fc.record({ what: fc.constant('add' as const), name, wait: minute }),
  fc.record({ what: fc.constant('hide' as const), name, wait: minute }),
  fc.record({ what: fc.constant('restart' as const), name, wait: minute }),
)

test('what is made step by step is what is so by definition', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const options: PublicStatusOptions = { downSince: '10m', filter: { categories: ['web'] } }
      const storage = await opened(added('disk'))
      let status = publicStatus(options)
      let now = 1
      const last = new Map<string, string>()
      const gaps = new Map<string, number>()
      for (const { what, name, wait } of steps) {
        const downtime = last.get(name)
        const facts: Event[] = [alive(now)]
        if (what === 'down') facts.push(down(id(), name, now))
        if (what === 'up' && downtime) facts.push(up(downtime, name, now))
        if (what === 'exclude' && downtime) facts.push(corrected(downtime, true, now))
        if (what === 'include' && downtime) facts.push(corrected(downtime, false, now))
        if (what === 'gap' && !gaps.has(name)) facts.push(gap(name, now, null))
        if (what === 'seen' && gaps.has(name)) facts.push(gap(name, gaps.get(name)!, now))
        if (what === 'maintain')
          facts.push(maintained(id(), now, now + wait * 2, name === 'disk' ? undefined : [name]))
        if (what === 'remove') facts.push(removed(name, now))
        if (what === 'add') facts.push(added(name, now))
        if (what === 'hide') facts.push(moved(name, wait % 2 ? 'web' : 'internal', now))
        if (what === 'restart') status = publicStatus(options)
        await storage.record(facts)
        if (what === 'gap') gaps.set(name, gaps.get(name) ?? now)
        if (what === 'seen') gaps.delete(name)
        for await (const { service, id: latest } of storage.downtimes()) last.set(service, latest)
        now += wait
        await make(storage, now, status)
        expect(await shown(storage)).toEqual(await expected(storage, at(now), options))
      }
    }),
    { numRuns: 300 },
  )
}, 60_000)
