import {
  FakeClock,
  flakyStorage,
  MemoryPlace,
  memoryStorage,
  scriptedProvider,
  scriptedService,
} from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { createRunner, readStatus } from '../src/index.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')

/** A monitor whose storage goes wrong as told. */
async function troubled(config: object = {}, options: object = {}) {
  const place = new MemoryPlace()
  const storage = flakyStorage(memoryStorage(place))
  const world = await new World({ storage, ...config }, { place, ...options }).start()
  await world.clock.advance(1_000)
  return { storage, world }
}

const outage = () => scriptedService({ acts: (n) => (n >= 2 && n < 6 ? 'down' : 'up') })

for (const fault of ['fail', 'hang', 'lose-reply'] as const) {
  test(`a storage that does ${fault}: checks go on, and facts arrive in order with their true times`, async () => {
    const healthy = new World({ services: [outage()] })
    await healthy.start()
    const { storage, world } = await troubled({ services: [outage()] })
    storage.break(fault)
    await world.clock.advance(120_000)
    expect(world.moves()).toEqual(['unknown→up', 'up→soft', 'soft→down', 'down→up'])
    storage.heal()
    await world.clock.advance(60_000)
    await world.runner.stop()
    await healthy.clock.advance(181_000)
    await healthy.runner.stop()
    const simple = ({ start, end, reason }: { start: number; end: number | null; reason: string }) => [
      start,
      end,
      reason,
    ]
    expect((await world.downtimes()).map(simple)).toEqual((await healthy.downtimes()).map(simple))
    expect(await world.downtimes()).toHaveLength(1)
    expect((await world.runs()).map(({ start, end }) => [start, end])).toEqual([[START, START + 181_000]])
  })
}

test('how much is not stored is told, and when it is stored again', async () => {
  const { storage, world } = await troubled({ services: [outage()] })
  storage.break('fail')
  await world.clock.advance(60_000)
  const troubles = world.heard('storage')
  expect(troubles[0]).toMatchObject({
    error: { code: 'STORAGE_FAILED', message: expect.stringMatching(/out of order/) },
  })
  expect(troubles.at(-1)!.waiting).toBeGreaterThan(1)
  storage.heal()
  await world.clock.advance(15_000)
  expect(world.heard('storage').at(-1)).toMatchObject({ waiting: 0, error: null })
  await world.runner.stop()
})

test('a transition is told although the storage does not take it, and says so', async () => {
  const { storage, world } = await troubled({ services: [outage()] })
  storage.break('hang')
  await world.clock.advance(60_000)
  const stored = world.heard('transition').map(({ to, stored }) => [to, stored])
  expect(stored).toEqual([
    ['up', null],
    ['soft', null],
    ['down', false],
    ['up', false],
  ])
  storage.heal()
  await world.clock.advance(60_000)
  await world.runner.stop()
})

test('proofs of life do not pile up while the storage is away', async () => {
  const { storage, world } = await troubled({ services: [scriptedService()] })
  storage.break('fail')
  await world.clock.advance(3_600_000)
  expect(world.heard('storage').at(-1)!.waiting).toBeLessThanOrEqual(3)
  storage.heal()
  await world.clock.advance(20_000)
  await world.runner.stop()
  expect(await world.runs()).toHaveLength(1)
})

test('when even the queue is full nothing is vouched for, and what is so is stated afterwards', async () => {
  const flapping = Array.from({ length: 10 }, (_, index) =>
    scriptedService({ name: `s${index}`, acts: (n) => (n % 10 < 5 ? 'up' : 'down'), every: '1s' }),
  )
  const { storage, world } = await troubled({ services: flapping, journal: { limit: 20 } })
  storage.break('fail')
  await world.clock.advance(60_000)
  expect(world.heard('error').map(({ error }) => error.code)).toEqual(['FACTS_LOST'])
  storage.heal()
  await world.clock.advance(60_000)
  const states = new Map(world.runner.status().map(({ id, status, since }) => [id, { status, since }]))
  await world.runner.stop()
  const runs = await world.runs()
  expect(runs.length).toBe(2)
  expect(runs[1]!.start - runs[0]!.end).toBeGreaterThan(20_000)
  const open = (await world.downtimes()).filter(({ end }) => end === null)
  const down = [...states].filter(([, { status }]) => status === 'down')
  expect(open.map(({ service, start }) => [service, start]).sort()).toEqual(
    down.map(([id, { since }]) => [id, since]).sort(),
  )
})

test('a stop delivers what waits; what cannot be delivered is told', async () => {
  const { storage, world } = await troubled({ services: [outage()] })
  storage.break('fail', 3)
  await world.clock.advance(30_000)
  const stopping = world.runner.stop()
  await world.clock.advance(20_000)
  await stopping

  const other = await troubled({ services: [outage()] })
  other.storage.break('hang')
  await other.world.clock.advance(60_000)
  const failing = other.world.runner.stop()
  const refused = expect(failing).rejects.toMatchObject({ code: 'FACTS_LOST' })
  await other.world.clock.advance(60_000)
  await refused
  expect(storage.faults).toBeGreaterThan(0)
})

test('a storage that refuses facts for good is told once per batch and holds nothing up', async () => {
  const place = new MemoryPlace()
  const inner = memoryStorage(place)
  const storage = {
    ...flakyStorage(inner),
    record: (events: Parameters<typeof inner.record>[0]) => inner.record(events, { term: 0 }),
  }
  const rival = memoryStorage(place)
  const world = await new World({ storage, services: [outage()] }, { place }).start()
  await world.clock.advance(1_000)
  await rival.open({} as never, { monitor: 'default' })
  await rival.record(
    [{ type: 'correction', id: 'k', at: 1, downtime: 'x', exclude: true, reason: 'r', author: 'a' }],
    { term: 9 },
  )
  await world.clock.advance(60_000)
  expect(world.heard('error').some(({ error }) => error.code === 'FACTS_REFUSED')).toBe(true)
  expect(world.moves()).toContain('soft→down')
  await world.runner.stop()
})

test('a storage that cannot be opened is an error of start, and nothing runs', async () => {
  const service = scriptedService()
  const storage = { ...flakyStorage(memoryStorage()), open: () => Promise.reject(new Error('no such file')) }
  const runner = createRunner({ storage, services: [service] }, { clock: new FakeClock() })
  await expect(runner.start()).rejects.toThrow('no such file')
  expect(service.calls).toBe(0)
  expect(runner.status()).toEqual([])
  await runner.stop()
})

test('a storage that fails to close is told by stop, and everything else is closed', async () => {
  const service = scriptedService()
  const storage = { ...flakyStorage(memoryStorage()), close: () => Promise.reject(new Error('jammed')) }
  const runner = createRunner({ storage, services: [service] }, { clock: new FakeClock() })
  await runner.start()
  await expect(runner.stop()).rejects.toMatchObject({
    code: 'PLUGIN_FAILED',
    message: expect.stringMatching(/jammed/),
  })
  expect(service.closed).toBe(1)
})

test('a transition that comes while a write hangs is told at once, too', async () => {
  let [a, b] = ['up', 'up'] as ('up' | 'down')[]
  const service = (name: string, act: () => 'up' | 'down') =>
    scriptedService({ name, acts: act, attempts: 1, every: '1s' })
  const services = [service('a', () => a!), service('b', () => b!)]
  const { storage, world } = await troubled({ services })
  storage.break('hang')
  a = 'down'
  await world.clock.advance(5_000)
  b = 'down'
  await world.clock.advance(2_000)
  const told = world.heard('transition').filter(({ to }) => to === 'down')
  expect(told.map(({ service: { name }, stored }) => [name, stored])).toEqual([
    ['a', false],
    ['b', false],
  ])
  storage.heal()
  const stopping = world.runner.stop()
  await world.clock.advance(10_000)
  await stopping
  expect(await world.downtimes()).toHaveLength(2)
})

test('a stop just after the storage recovered loses nothing', async () => {
  for (let round = 0; round < 20; round++) {
    const { storage, world } = await troubled({ services: [outage()] })
    storage.break(round % 2 ? 'fail' : 'hang')
    await world.clock.advance(60_000 + round * 1_111)
    storage.heal()
    const stopping = world.runner.stop()
    await world.clock.advance(10_000)
    await stopping
    expect(await world.downtimes()).toHaveLength(1)
  }
})

/** Thirty services that go down while the storage takes nothing and hardly anything may wait. */
async function overflowing() {
  let act: 'up' | 'down' = 'up'
  const services = Array.from({ length: 30 }, (_, index) =>
    scriptedService({ name: `s${index}`, acts: () => act, attempts: 1 }),
  )
  const trouble = await troubled({ services, journal: { limit: 40 } })
  await trouble.world.clock.advance(60_000)
  trouble.storage.break('fail')
  return { ...trouble, set: (next: 'up' | 'down') => (act = next) }
}

test('time in which facts were lost is not vouched for, not even by a stop', async () => {
  const { storage, world, set } = await overflowing()
  await world.clock.advance(20_000)
  set('down')
  await world.clock.advance(20_000)
  set('up')
  await world.clock.advance(20_000)
  set('down')
  await world.clock.advance(3_600_000)
  storage.heal()
  const stopping = world.runner.stop()
  await world.clock.advance(10_000)
  await stopping
  const last = (await world.runs()).at(-1)!
  expect(last.end - START).toBeLessThan(150_000)
})

test('a downtime whose end was lost is closed when there is room again, also behind a soft failure', async () => {
  const { storage, world, set } = await overflowing()
  set('down')
  await world.clock.advance(20_000)
  set('up')
  await world.clock.advance(40_000)
  storage.heal()
  await world.clock.advance(60_000)
  await world.runner.stop()
  expect((await world.downtimes()).filter(({ end }) => end === null)).toEqual([])
  expect(world.runner.status()).toEqual([])
})

test('a set of services that keeps changing fills the queue up to its limit and no further', async () => {
  const provider = scriptedProvider('churn')
  const { storage, world } = await troubled({ providers: [provider], journal: { limit: 50 } })
  provider.put(scriptedService({ name: 'stays' }))
  await world.clock.advance(5_000)
  storage.break('fail')
  for (let round = 0; round < 20; round++) {
    const set = Array.from({ length: 20 }, (_, index) => scriptedService({ name: `r${round}-${index}` }))
    provider.put(...set)
    await world.clock.advance(1_000)
  }
  expect(world.heard('storage').at(-1)!.waiting).toBeLessThanOrEqual(50)
  storage.heal()
  await world.clock.advance(60_000)
  const names = (await world.read((reader) => reader.services())).map(({ name }) => name).sort()
  expect(names).toEqual(
    world.runner
      .status()
      .map(({ name }) => name)
      .sort(),
  )
  await world.runner.stop()
})

test('what could not be published is published with the next round', async () => {
  let act: 'up' | 'down' = 'up'
  const service = scriptedService({ acts: () => act, attempts: 1, every: '1h' })
  const { storage, world } = await troubled({ services: [service] })
  const { publish } = storage
  let failures = 0
  storage.publish = (rows) => {
    const isNews = rows.some(({ body }) => (body as { status?: string }).status === 'down')
    return isNews && !failures++ ? Promise.reject(new Error('busy')) : publish(rows)
  }
  act = 'down'
  await world.clock.advance(3_610_000)
  const { services } = await world.read((reader) => readStatus(reader, world.clock.now()))
  expect(failures).toBeGreaterThan(0)
  expect(services[0]!.status).toBe('down')
  await world.runner.stop()
})

test('what an earlier run saw is not shown as what this one sees', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider] }).start()
  provider.put(scriptedService())
  await world.clock.advance(60_000)
  const again = await world.restart(1_000, { providers: [scriptedProvider()] })
  await again.clock.advance(60_000)
  const { services, monitor } = await again.read((reader) => readStatus(reader, again.clock.now()))
  expect(monitor).toBeDefined()
  expect(services).toMatchObject([{ status: 'unknown', lastCheck: null }])
  await again.runner.stop()
})

test('a storage that does not open keeps nobody from checking, and is told', async () => {
  const clock = new FakeClock()
  const storage = { ...flakyStorage(memoryStorage()), open: () => new Promise<void>(() => undefined) }
  const service = scriptedService()
  const world = new World({ storage, services: [service] }, { clock })
  const starting = world.runner.start()
  await clock.advance(60_000)
  await starting
  expect(service.calls).toBeGreaterThan(3)
  const said = world.heard('storage').map(({ error }) => error?.message)
  expect(said).toContain('flaky memory did not open within 30s')
  const stopping = world.runner.stop()
  const lost = expect(stopping).rejects.toMatchObject({ code: 'FACTS_LOST' })
  await clock.advance(60_000)
  await lost
})
