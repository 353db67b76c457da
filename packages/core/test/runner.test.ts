import {
  consolidatorContract,
  FakeClock,
  flakyStorage,
  memoryStorage,
  scriptedService,
} from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { type Consolidator, createReports, createRunner, type Scope } from '../src/index.js'
import { World } from './support/world.js'

test('a runner starts once', async () => {
  const runner = createRunner(
    { storage: memoryStorage(), services: [scriptedService()] },
    { clock: new FakeClock() },
  )
  await runner.start()
  await expect(runner.start()).rejects.toMatchObject({ code: 'RUNNER_STATE' })
  await runner.stop()
  await expect(runner.start()).rejects.toMatchObject({ code: 'RUNNER_STATE' })
})

test('stopping twice, or before the start, is the same end', async () => {
  const runner = createRunner({ storage: memoryStorage() })
  const one = runner.stop()
  expect(runner.stop()).toBe(one)
  await one
})

test('a stop while it starts leaves nothing open', async () => {
  let closed = 0
  let opening: () => void = () => undefined
  const isOpening = new Promise<void>((resolve) => (opening = resolve))
  const storage = {
    ...flakyStorage(memoryStorage()),
    async open() {
      opening()
      await new Promise((resolve) => setTimeout(resolve, 30))
    },
    close: async () => void closed++,
  }
  const runner = createRunner({ storage })
  const starting = runner.start()
  const failing = expect(starting).rejects.toMatchObject({ code: 'RUNNER_STATE' })
  await isOpening
  await runner.stop()
  await failing
  expect(closed).toBe(1)
})

test('await using ends it', async () => {
  const service = scriptedService()
  {
    await using runner = createRunner(
      { storage: memoryStorage(), services: [service] },
      { clock: new FakeClock() },
    )
    await runner.start()
  }
  expect(service.closed).toBe(1)
})

test('a bad config starts nothing', async () => {
  const service = scriptedService()
  const runner = createRunner({ storage: memoryStorage(), services: [service], every: 'often' as never })
  await expect(runner.start()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  expect(service.calls).toBe(0)
})

test('without a storage it says what to add', async () => {
  await expect(createRunner({}).start()).rejects.toThrow(/add one such as sqliteStorage\(\)/)
})

test('it catches no signals, prints nothing and leaves no timer behind', async () => {
  const before = process.eventNames().map((name) => [name, process.listenerCount(name)])
  const written: unknown[] = []
  const { write } = process.stdout
  process.stdout.write = ((chunk: unknown) => written.push(chunk) > 0) as never
  try {
    const world = await new World({ services: [scriptedService({ acts: ['down'] })] }).start()
    await world.clock.advance(60_000)
    expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(before)
    await world.runner.stop()
    expect(world.clock.pending).toBe(0)
  } finally {
    process.stdout.write = write
  }
  expect(written).toEqual([])
})

test('an unsubscribed listener hears nothing more', async () => {
  const world = new World({ services: [scriptedService()] })
  let heard = 0
  const off = world.runner.on('check', () => heard++)
  await world.start()
  await world.clock.advance(10)
  off()
  await world.clock.advance(60_000)
  expect(heard).toBe(1)
  await world.runner.stop()
})

/** Counts its turns, and keeps the number of facts as a summary. */
function counting(options: { fail?: boolean } = {}) {
  const scopes: (Scope | undefined)[] = []
  const consolidator: Consolidator = {
    name: 'counting',
    schedule: '60s',
    async consolidate(storage, { signal }, scope) {
      scopes.push(scope)
      if (options.fail) throw new Error('cannot count')
      let facts = 0
      for await (const { events } of storage.changes(0)) facts += events.length
      signal.throwIfAborted()
      await storage.save([{ key: 'facts', version: 1, asOf: 0, at: 0, body: facts }])
    },
  }
  return { scopes, consolidator }
}

consolidatorContract(test, () => ({ create: () => counting().consolidator }))

test('consolidators run on their schedule and on demand', async () => {
  const { scopes, consolidator } = counting()
  const world = await new World({ services: [scriptedService()], consolidators: [consolidator] }).start()
  await world.clock.advance(180_000)
  expect(scopes).toEqual([undefined, undefined, undefined])
  await world.runner.consolidate('counting', { range: { start: 1, end: 2 } })
  expect(scopes.at(-1)).toEqual({ range: { start: 1, end: 2 } })
  await expect(world.runner.consolidate('nobody')).rejects.toThrow(/there is: counting/)
  await world.runner.stop()
})

test('a consolidator that fails is told and tried again', async () => {
  const { scopes, consolidator } = counting({ fail: true })
  const world = await new World({ services: [scriptedService()], consolidators: [consolidator] }).start()
  await world.clock.advance(121_000)
  expect(scopes).toHaveLength(2)
  expect(world.heard('error').map(({ error }) => error.message)).toEqual([
    'consolidator counting: cannot count',
    'consolidator counting: cannot count',
  ])
  await expect(world.runner.consolidate('counting')).rejects.toMatchObject({ code: 'PLUGIN_FAILED' })
  await world.runner.stop()
})

test('a consolidator that the end interrupts has not failed', async () => {
  const consolidator: Consolidator = {
    name: 'endless',
    schedule: '60s',
    consolidate: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }
  const world = await new World({ services: [scriptedService()], consolidators: [consolidator] }).start()
  await world.clock.advance(70_000)
  await world.runner.stop()
  expect(world.heard('error')).toEqual([])
})

test('a day that has ended is frozen six minutes past the hour, without being asked for, and the public status is kept', async () => {
  const acts = (n: number) => (n >= 3 && n < 6 ? ('down' as const) : ('up' as const))
  const service = scriptedService({
    name: 'shop',
    category: 'web',
    acts,
    every: '10m',
    attempts: 2,
    retryEvery: '1m',
  })
  const clock = new FakeClock('2026-03-28T20:30:00Z')
  const world = await new World(
    { services: [service], zone: 'Europe/Berlin', objective: 99 },
    { clock },
  ).start()
  await clock.advance(95 * 60_000)
  const reports = () =>
    world.read(async (storage) => createReports(storage, { zone: 'Europe/Berlin', clock }))
  const day = { period: { unit: 'day', label: '2026-03-28' } } as const
  expect((await (await reports()).sla(day))[0]!.version).toBe(0)
  await clock.advance(62 * 60_000)
  const [row] = await (await reports()).sla(day)
  expect(row).toMatchObject({
    version: 1,
    name: 'shop',
    downtimes: 1,
    objective: 99,
    period: { zone: 'Europe/Berlin' },
  })
  expect(row!.observedMs).toBe(Date.parse('2026-03-28T23:00:00Z') - Date.parse('2026-03-28T20:30:00Z'))
  expect((await (await reports()).publicStatus()).services).toMatchObject([{ name: 'shop', status: 'up' }])
  expect((await world.runner.reports().sla(day))[0]).toEqual(row)
  await world.runner.stop()
  expect(() => world.runner.reports()).toThrow(expect.objectContaining({ code: 'RUNNER_STATE' }))
  expect(clock.pending).toBe(0)
})
