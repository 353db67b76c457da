import {
  type Act,
  MemoryPlace,
  memoryDisk,
  memoryStorage,
  scriptedProvider,
  scriptedService,
} from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { type Storage, UptimeError } from '../src/index.js'
import { encode } from '../src/journal/records.js'
import { replacing } from './support/consolidating.js'
import { World } from './support/world.js'

/** A monitor whose storage takes facts as it is told to. */
function troubled(record: (inner: Storage) => Storage['record'], options: object = {}, config: object = {}) {
  const place = new MemoryPlace()
  const inner = memoryStorage(place)
  const service = scriptedService({ every: '1s' })
  const storage = replacing(inner, { record: record(inner) })
  const world = new World(
    { storage, services: [service], consolidators: [], ...config },
    { place, ...options },
  )
  return { world, service }
}

async function started(world: World): Promise<World> {
  const starting = world.runner.start()
  await world.clock.advance(6_000)
  await starting
  return world
}

test('a storage that takes long to take over from makes nobody check twice, and nothing goes on after the end', async () => {
  const { world, service } = troubled((inner) => async (...args) => {
    await new Promise<void>((resolve) => world.clock.timer(resolve, 8_000))
    return inner.record(...args)
  })
  await started(world)
  await world.clock.advance(60_000)
  const { calls } = service
  await world.clock.advance(60_000)
  expect(service.calls - calls).toBe(60)
  const stopping = world.runner.stop().catch(() => undefined)
  await world.clock.advance(30_000)
  await stopping
  const atEnd = service.calls
  await world.clock.advance(60_000)
  expect(service.calls).toBe(atEnd)
})

for (const fault of ['fails', 'hangs'] as const) {
  test(`a storage that ${fault} while it is taken over keeps nobody from checking, and outages are found`, async () => {
    let act: Act = 'up'
    const shop = scriptedService({ name: 'shop', acts: () => act, every: '1s', attempts: 3 })
    const { world } = troubled(
      () => () =>
        fault === 'fails' ? Promise.reject(new Error('no space left')) : new Promise(() => undefined),
      { disk: memoryDisk() },
      { services: [shop] },
    )
    await started(world)
    await world.clock.advance(300_000)
    expect(shop.calls).toBeGreaterThan(300)
    act = 'down'
    await world.clock.advance(30_000)
    expect(world.moves('shop')).toEqual(['unknown→up', 'up→soft', 'soft→down'])
    expect(world.heard('run')).toHaveLength(1)
    const stopping = world.runner.stop().catch(() => undefined)
    await world.clock.advance(60_000)
    await stopping
  })
}

test('a journal folder that cannot be read is told once, and the storage is used all the same', async () => {
  const disk = { ...memoryDisk(), list: () => Promise.reject(new Error('permission denied')) }
  const { world } = troubled((inner) => inner.record.bind(inner), { disk })
  await world.start()
  await world.clock.advance(10_000)
  expect(await world.runs()).toHaveLength(1)
  expect(world.heard('error').map(({ error }) => error.code)).toEqual(['JOURNAL_FAILED'])
  await world.runner.stop()
})

test('facts of a journal that no storage takes keep nobody from leading, and stay on disk', async () => {
  const disk = memoryDisk()
  const header = { monitor: 'default', holder: 'gone', term: 1 }
  const fact = { type: 'of tomorrow', id: 'x-1', at: 1 } as never
  disk.files.set('a-1.journal', [{ header }, { fact }].map(encode).join(''))
  const { world } = troubled((inner) => inner.record.bind(inner), { disk, gone: new Set(['gone']) })
  await world.start()
  await world.clock.advance(10_000)
  expect(world.runner.leadership().standing).toBe('leading')
  expect(await world.runs()).toHaveLength(1)
  expect([...disk.files.keys()]).toEqual(['a-1.journal.refused'])
  await world.runner.stop()
})

test('a storage without leases that was away at the start is tried until it takes facts', async () => {
  let isAway = true
  let failures = 2
  const place = new MemoryPlace()
  const inner = memoryStorage(place)
  const storage = replacing(inner, {
    leases: undefined,
    open: (...args) =>
      isAway ? Promise.reject(new UptimeError('STORAGE_UNREACHABLE', 'away')) : inner.open(...args),
    record: (...args) => (failures-- > 0 ? Promise.reject(new Error('not yet')) : inner.record(...args)),
  })
  const service = scriptedService({ every: '1s' })
  const world = await new World({ storage, services: [service] }, { place }).start()
  await world.clock.advance(10_000)
  isAway = false
  await world.clock.advance(60_000)
  expect(world.runner.leadership().standing).toBe('leading')
  expect(service.calls).toBeGreaterThan(60)
  await world.runner.stop()
  expect((await world.runs()).length).toBeGreaterThan(0)
})

test('a service that moves to a provider that has not spoken yet stays under watch, and so does its outage', async () => {
  const [old, next] = [scriptedProvider('p'), scriptedProvider('q')]
  const shop = () => scriptedService({ name: 'shop', acts: ['up', 'down'], attempts: 1, every: '1s' })
  const { world } = troubled((inner) => inner.record.bind(inner), {}, { services: [], providers: [old] })
  await world.start()
  old.put(shop())
  await world.clock.advance(10_000)
  await world.runner.reload({ storage: memoryStorage(), providers: [next], consolidators: [] })
  await world.clock.advance(10_000)
  next.put(scriptedService({ name: 'shop', acts: ['down'], attempts: 1, every: '1s' }))
  await world.clock.advance(10_000)
  expect(await world.downtimes()).toMatchObject([{ end: null }])
  const [record] = await world.read((storage) => storage.services())
  expect(record).toMatchObject({ sources: ['q'], monitored: [{ end: null }] })
  await world.runner.stop()
})

test('a reload with a service that was closed changes nothing', async () => {
  const closed = scriptedService({ name: 'closed' })
  const provider = scriptedProvider()
  const { world } = troubled(
    (inner) => inner.record.bind(inner),
    {},
    { services: [closed], providers: [provider] },
  )
  await world.start()
  const reload = (services: readonly (typeof closed)[]) =>
    world.runner.reload({ storage: memoryStorage(), services: [...services], providers: [provider] })
  await reload([])
  await expect(reload([closed])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  provider.put(scriptedService({ name: 'found' }))
  await world.clock.advance(1_000)
  expect(world.runner.status().map(({ name }) => name)).toEqual(['found'])
  await world.runner.stop()
})
