import { FakeClock, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { systemClock } from '../src/clock.js'
import type { Journal } from '../src/journal/journal.js'
import { Ledger } from '../src/monitor/ledger.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const HOUR = 3_600_000

test('a run lasts from its start to its end, and time outside is not covered', async () => {
  const config = { services: [scriptedService()] }
  const first = await new World(config).start()
  await first.clock.advance(12_000)
  const second = await first.restart(100_000, config)
  await second.clock.advance(20_000)
  await second.runner.stop()
  expect(await second.runs()).toMatchObject([
    { start: START, end: START + 10_000 },
    { start: START + 112_000, end: START + 132_000 },
  ])
})

test('a machine that is busy when a run begins does not shift the times of the run', () => {
  for (const interrupted of [0, 1, 2]) {
    let [passed, reads] = [0, 0]
    const read = () => {
      if (reads++ === interrupted) passed += 118
      return passed
    }
    const clock = { ...systemClock, now: () => START + read(), monotonic: read }
    const ledger = new Ledger(clock, { append() {} } as unknown as Journal)
    expect(ledger.now()).toBe(START + 118)
    expect(ledger.time(passed + 1_000)).toBe(START + 1_118)
  }
})

test('a clean stop proves life to the last moment', async () => {
  const world = await new World({ services: [scriptedService()] }).start()
  await world.clock.advance(3_210)
  await world.runner.stop()
  expect(await world.runs()).toMatchObject([{ start: START, end: START + 3_210 }])
})

test('in a new run a service is observed from its first check on', async () => {
  const services = Array.from({ length: 100 }, (_, index) => scriptedService({ name: `s${index}` }))
  const world = await new World({ services }).start()
  const first = new Map<string, number>()
  world.runner.on('check', ({ service, at }) => void (first.has(service.id) || first.set(service.id, at)))
  await world.clock.advance(5_000)
  await world.runner.stop()
  const gaps = await world.gaps()
  expect(gaps.length).toBeGreaterThan(80)
  for (const { service, start, end } of gaps)
    expect({ start, end }).toEqual({ start: START, end: first.get(service) })
  expect(world.heard('gap')).toEqual([])
})

test('a suspend ends the run at its last proof of life and breaks streaks', async () => {
  const world = await new World({
    services: [scriptedService({ acts: ['up', 'down'] })],
    retryEvery: '8s',
  }).start()
  await world.clock.advance(12_000)
  expect(world.runner.status()[0]).toMatchObject({ status: 'soft' })
  world.clock.suspend(HOUR)
  await world.clock.advance(2_000)
  const [before, after] = await world.runs()
  expect(before!.end).toBeLessThanOrEqual(START + 12_000)
  expect(before!.end).toBeGreaterThan(START + 11_500)
  expect(after!.start).toBeGreaterThanOrEqual(START + 12_000 + HOUR)
  expect(after!.start).toBeLessThan(START + 12_500 + HOUR)
  expect(world.runner.status()[0]).toMatchObject({ status: 'soft', failures: 1 })
  expect(world.heard('run').at(-1)!.reason).toMatch(/suspended/)
  await world.runner.stop()
})

for (const jump of [2 * HOUR, -2 * HOUR, HOUR, -HOUR]) {
  test(`a clock that is set by ${jump / HOUR} h brings neither a burst nor a stall`, async () => {
    const shop = scriptedService()
    const world = await new World({ services: [shop] }).start()
    await world.clock.advance(60_000)
    const before = shop.calls
    world.clock.jump(jump)
    await world.clock.advance(60_000)
    expect(shop.calls - before).toBeGreaterThanOrEqual(6)
    expect(shop.calls - before).toBeLessThanOrEqual(8)
    await world.runner.stop()
  })
}

test('a clock that is set back while a service is down makes no negative downtime', async () => {
  const acts = ['up', 'down', 'down', 'down', 'down', 'down', 'up'] as const
  const world = await new World({ services: [scriptedService({ acts: [...acts] })] }).start()
  await world.clock.advance(25_000)
  expect(world.runner.status()[0]!.status).toBe('down')
  world.clock.jump(-HOUR)
  await world.clock.advance(60_000)
  for (const { start, end } of await world.downtimes()) expect(end).toBeGreaterThanOrEqual(start)
  expect(world.runner.status()[0]!.status).toBe('up')
  await world.runner.stop()
})

test('a process that stood still for long begins a new run', async () => {
  const world = await new World({ services: [scriptedService()] }).start()
  await world.clock.advance(20_000)
  await world.clock.stall(HOUR)
  await world.clock.advance(20_000)
  const [before, after, ...more] = await world.runs()
  expect(more).toEqual([])
  expect(before!.end).toBeLessThanOrEqual(START + 20_000)
  expect(after!.start).toBeGreaterThanOrEqual(START + 20_000 + HOUR)
  await world.runner.stop()
})

test('a loop that stood still is told, and the gap recorded for everybody', async () => {
  const services = ['a', 'b', 'c'].map((name) => scriptedService({ name, every: '1s' }))
  const world = await new World({ services }).start()
  await world.clock.advance(10_000)
  await world.clock.stall(5_000)
  await world.clock.advance(5_000)
  expect(world.heard('blocked')).toHaveLength(1)
  expect(world.heard('blocked')[0]!.ms).toBeGreaterThan(4_500)
  expect(new Set(world.heard('gap').map(({ service }) => service.name))).toEqual(new Set(['a', 'b', 'c']))
  for (const { start, end } of world.heard('gap')) expect(end - start).toBeGreaterThan(4_000)
  expect(await world.runs()).toHaveLength(1)
  await world.runner.stop()
})

test('a deadline that is missed because the loop stood still is no failure, once', async () => {
  const shop = scriptedService({ acts: ['up', 'hang', 'up'], timeout: '2s' })
  const world = await new World({ services: [shop] }).start()
  await world.clock.advance(1)
  while (!shop.inFlight) await world.clock.advance(100)
  await world.clock.stall(6_000)
  await world.clock.advance(1_000)
  expect(world.moves()).toEqual(['unknown→up'])
  expect(shop.calls).toBeGreaterThanOrEqual(3)
  await world.runner.stop()
})

test('facts of a run are in the order of their times', async () => {
  const services = Array.from({ length: 20 }, (_, index) =>
    scriptedService({ name: `s${index}`, acts: (n) => ((n + index) % 7 < 4 ? 'down' : 'up') }),
  )
  const world = await new World({ services }).start()
  await world.clock.advance(20 * 60_000)
  await world.runner.stop()
  const times = await world.read(async (storage) => {
    const list: number[] = []
    for await (const { events } of storage.changes(0)) list.push(...events.map(({ at }) => at))
    return list
  })
  expect(times.length).toBeGreaterThan(100)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('phases are spread over the interval and stay over a restart', async () => {
  const services = () => Array.from({ length: 200 }, (_, index) => scriptedService({ name: `s${index}` }))
  const phases = async (start: number) => {
    const world = await new World({ services: services() }, { clock: new FakeClock(start) }).start()
    await world.clock.advance(15_000)
    const found = new Map(world.runner.status().map(({ id, nextCheck }) => [id, nextCheck! % 10_000]))
    await world.runner.stop()
    return found
  }
  const once = await phases(START)
  const perSecond = Array.from(
    { length: 10 },
    (_, second) => [...once.values()].filter((at) => Math.floor(at / 1_000) === second).length,
  )
  expect(Math.min(...perSecond)).toBeGreaterThan(5)
  expect(await phases(START + 123_456)).toEqual(once)
})

for (const [what, act] of [
  ['a check is due first', 'up'],
  ['a check in flight ends first', 'hang'],
] as const) {
  test(`a process that stood still vouches for nothing of it, when ${what}`, async () => {
    const services = Array.from({ length: 50 }, (_, index) =>
      scriptedService({ name: `s${index}`, acts: [act], every: '200ms', timeout: '150ms', attempts: 1 }),
    )
    const world = await new World({ services }).start()
    await world.clock.advance(20_000)
    await world.clock.stall(HOUR)
    await world.clock.advance(1_000)
    await world.runner.stop()
    const [before, after, ...more] = await world.runs()
    expect(more).toEqual([])
    expect(before!.end).toBeLessThanOrEqual(START + 20_000)
    expect(after!.start).toBeGreaterThanOrEqual(START + 20_000 + HOUR)
    for (const { start, end } of await world.gaps()) expect(end! - start).toBeLessThan(60_000)
  })
}
