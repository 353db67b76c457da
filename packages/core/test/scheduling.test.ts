import { type Act, FakeClock, memoryStorage, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { World } from './support/world.js'

const named = (count: number, acts: readonly Act[], prefix = 's') =>
  Array.from({ length: count }, (_, index) => scriptedService({ name: `${prefix}${index}`, acts }))

test('never more checks are in flight than concurrency allows', async () => {
  const services = named(50, ['hang'])
  const world = await new World({ services, concurrency: 7, timeout: '3s' }).start()
  let most = 0
  for (let step = 0; step < 200; step++) {
    await world.clock.advance(100)
    most = Math.max(most, services.filter(({ inFlight }) => inFlight > 0).length)
  }
  // A tenth of the slots is kept for services that have shown that they are quick; here none has.
  expect(most).toBe(6)
  await world.runner.stop()
})

test('quick services get every slot when nobody hangs', async () => {
  const services = named(40, ['up', 'hang'])
  const world = await new World({ services, concurrency: 10, timeout: '9s' }).start()
  await world.clock.advance(10_000)
  let most = 0
  for (let step = 0; step < 80; step++) {
    await world.clock.advance(100)
    most = Math.max(most, services.filter(({ inFlight }) => inFlight > 0).length)
  }
  expect(most).toBe(10)
  await world.runner.stop()
})

test('one check per service is in flight, also when it takes longer than its interval', async () => {
  const slow = scriptedService({
    acts: ['hang'],
    every: '1s',
    timeout: '5s',
    attempts: 100,
    retryEvery: '1s',
  })
  const world = await new World({ services: [slow] }).start()
  for (let step = 0; step < 300; step++) {
    await world.clock.advance(100)
    expect(slow.inFlight).toBeLessThanOrEqual(1)
  }
  expect(slow.calls).toBeGreaterThanOrEqual(5)
  expect(slow.calls).toBeLessThanOrEqual(6)
  expect(world.heard('gap')).toEqual([])
  await world.runner.stop()
})

test('ticks that come late are skipped and not made up for', async () => {
  const service = scriptedService({
    acts: (n) => (n === 3 ? 'hang' : 'up'),
    every: '1s',
    timeout: '5s',
    attempts: 2,
  })
  const world = await new World({ services: [service] }).start()
  const started: number[] = []
  world.runner.on('check', ({ at }) => started.push(at))
  await world.clock.advance(15_000)
  const steps = started.slice(2).map((at, index) => at - started[index + 1]!)
  expect(Math.min(...steps.slice(3))).toBeGreaterThanOrEqual(900)
  await world.runner.stop()
})

test('targets that hang do not starve the others', async () => {
  const good = named(50, ['up'], 'good')
  const bad = named(200, ['hang'], 'bad')
  const world = await new World({ services: [...good, ...bad], concurrency: 10, timeout: '5s' }).start()
  await world.clock.advance(300_000)
  const before = good.map(({ calls }) => calls)
  await world.clock.advance(100_000)
  const after = good.map(({ calls }, index) => calls - before[index]!)
  expect(Math.min(...after)).toBeGreaterThanOrEqual(9)
  expect(
    world
      .heard('gap')
      .filter(({ service, start }) => service.name.startsWith('good') && start > world.clock.now() - 100_000),
  ).toEqual([])
  const late = world.heard('gap').filter(({ service }) => service.name.startsWith('bad'))
  expect(late.length).toBeGreaterThan(0)
  await world.runner.stop()
})

const BUSY = { concurrency: 10, timeout: '5s', every: '10s' } as const

test('targets that hang are all found down, although their checks wait for longer than an interval', async () => {
  const good = named(20, ['up'], 'good')
  const bad = named(180, ['hang'], 'bad')
  const world = await new World({ services: [...good, ...bad], ...BUSY }).start()
  await world.clock.advance(180 * (5_000 / 8) * 5)
  const downs = world.heard('transition').filter(({ to }) => to === 'down')
  expect(new Set(downs.map(({ service }) => service.name))).toEqual(new Set(bad.map(({ name }) => name)))
  await world.runner.stop()
})

/** How long after a service stopped to answer it is down, beside so many that do the same from the start. */
async function hangsBeside(others: 'up' | 'hang'): Promise<number> {
  let stops = Number.POSITIVE_INFINITY
  const clock = new FakeClock()
  const it = scriptedService({ name: 'it', acts: () => (clock.now() < stops ? 'up' : 'hang') })
  const services = [named(180, [others], 'other'), it]
  const world = await new World({ ...BUSY, services }, { clock }).start()
  await clock.advance(600_000)
  stops = clock.now()
  while (world.moves('it').at(-1) !== 'soft→down') await clock.advance(100)
  const ms = clock.now() - stops
  await world.runner.stop()
  return ms
}

test('one that begins to hang is down as soon as when no other hangs', async () => {
  expect(await hangsBeside('hang')).toBeLessThanOrEqual((await hangsBeside('up')) * 1.1)
})

test('where most hang, one that comes is checked within a second', async () => {
  const services = [...named(180, ['hang'], 'bad')]
  const world = await new World({ services, ...BUSY }).start()
  await world.clock.advance(600_000)
  const late = scriptedService({ name: 'late' })
  await world.runner.reload({ storage: memoryStorage(world.place), services: [...services, late], ...BUSY })
  await world.clock.advance(1_000)
  expect(late.calls).toBe(1)
  await world.runner.stop()
})

test('where most hang, one that answers slowly is checked at almost every interval', async () => {
  const clock = new FakeClock()
  let calls = 0
  const slow = {
    ...{ kind: 'own', name: 'slow' },
    check: () => {
      calls++
      return new Promise<void>((resolve) => clock.timer(resolve, 2_000))
    },
  }
  const world = await new World({ services: [named(180, ['hang']), slow], ...BUSY }, { clock }).start()
  await clock.advance(600_000)
  const before = calls
  await clock.advance(200_000)
  expect(calls - before).toBeGreaterThanOrEqual(15)
  await world.runner.stop()
})

test('a soft failure holds no slot while it waits for its next attempt', async () => {
  const failing = named(4, ['down'], 'failing')
  const good = scriptedService({ name: 'good', every: '1s' })
  const world = await new World({ services: [failing, good], concurrency: 1, retryEvery: '5s' }).start()
  await world.clock.advance(20_000)
  expect(good.calls).toBeGreaterThanOrEqual(18)
  await world.runner.stop()
})

test('what waited for a slot for longer than an interval leaves a gap from due to start', async () => {
  const [first, second] = named(2, ['hang'])
  const world = await new World({
    services: [first, second],
    concurrency: 1,
    timeout: '25s',
    attempts: 9,
  }).start()
  await world.clock.advance(120_000)
  const gaps = world.heard('gap')
  expect(gaps.length).toBeGreaterThan(0)
  for (const { start, end } of gaps) expect(end - start).toBeGreaterThan(10_000)
  await world.runner.stop()
})

test('first checks come at once, spread by rate over at most five seconds', async () => {
  const services = named(8_000, ['up'])
  const world = await new World({ services, every: '60s', concurrency: 1_000 }).start()
  const counts: number[] = []
  for (let second = 0; second < 6; second++) {
    await world.clock.advance(1_000)
    counts.push(services.filter(({ calls }) => calls > 0).length)
  }
  expect(counts[4]).toBe(8_000)
  for (const count of [counts[0]!, counts[1]! - counts[0]!, counts[2]! - counts[1]!]) {
    expect(count).toBeGreaterThan(1_400)
    expect(count).toBeLessThan(1_800)
  }
  await world.runner.stop()
})

test('a single service is checked at once', async () => {
  const service = scriptedService()
  const world = await new World({ services: [service] }).start()
  await world.clock.advance(0)
  expect(service.calls).toBe(1)
  await world.runner.stop()
})
