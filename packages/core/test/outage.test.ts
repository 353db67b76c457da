import { FakeClock, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')

test('an outage begins with the first failed check and ends with the first good one', async () => {
  const shop = scriptedService({ acts: ['up', 'down', 'down', 'down', 'down', 'up'] })
  const world = await new World({ services: [shop] }).start()
  const started: number[] = []
  world.runner.on('check', ({ at }) => started.push(at))
  await world.clock.advance(60_000)
  const [downtime, ...others] = await world.downtimes()
  expect(others).toEqual([])
  expect(downtime).toMatchObject({ start: started[1], end: started[5], reason: 'scripted failure' })
  expect(world.moves()).toEqual(['unknown→up', 'up→soft', 'soft→down', 'down→up'])
  await world.runner.stop()
})

test('fewer failures than attempts are soft, retried quickly, and leave no downtime', async () => {
  const shop = scriptedService({ acts: ['up', 'down', 'down', 'up'] })
  const world = await new World({ services: [shop] }).start()
  const started: number[] = []
  world.runner.on('check', ({ at }) => started.push(at))
  await world.clock.advance(30_000)
  expect(await world.downtimes()).toEqual([])
  expect(world.moves()).toEqual(['unknown→up', 'up→soft', 'soft→up'])
  expect(started[2]! - started[1]!).toBe(1_000)
  expect(started[3]! - started[2]!).toBe(1_000)
  await world.runner.stop()
})

test('a down service is checked at its interval, not at the retry pace', async () => {
  const shop = scriptedService({ acts: ['down'] })
  const world = await new World({ services: [shop] }).start()
  await world.clock.advance(2_000)
  expect(world.runner.status()[0]).toMatchObject({ status: 'down', failures: 3 })
  const calls = shop.calls
  await world.clock.advance(60_000)
  expect(shop.calls - calls).toBe(6)
  await world.runner.stop()
})

test('attempts, retryEvery and timeout are taken from the service before the config', async () => {
  const shop = scriptedService({ acts: ['hang'], attempts: 2, retryEvery: '3s', timeout: '2s' })
  const world = await new World({ services: [shop], attempts: 5 }).start()
  await world.clock.advance(6_999)
  expect(world.moves()).toEqual(['unknown→soft'])
  await world.clock.advance(1)
  expect(world.moves()).toEqual(['unknown→soft', 'soft→down'])
  expect(world.heard('transition')[1]).toMatchObject({ at: START, reason: 'timeout after 2s' })
  await world.runner.stop()
})

test('a transition is told once it is stored, a soft one at once', async () => {
  const world = await new World({ services: [scriptedService({ acts: ['down'] })] }).start()
  await world.clock.advance(5_000)
  expect(world.heard('transition').map(({ stored }) => stored)).toEqual([null, true])
  await world.runner.stop()
})

test('an open downtime goes on over a restart, and one failed check confirms it', async () => {
  const config = { services: [scriptedService({ acts: ['down'] })] }
  const first = await new World(config).start()
  await first.clock.advance(10_000)
  const second = await first.restart(60_000, config)
  await second.clock.advance(1)
  expect(second.runner.status()[0]).toMatchObject({ status: 'down', since: START })
  await second.clock.advance(30_000)
  expect(await second.downtimes()).toMatchObject([{ start: START, end: null }])
  expect(second.heard('transition')).toEqual([])
  await second.runner.stop()
})

test('a downtime that ended while the monitor was off is closed by the first good check', async () => {
  const first = await new World({ services: [scriptedService({ acts: ['down'] })] }).start()
  await first.clock.advance(10_000)
  const second = await first.restart(60_000, { services: [scriptedService()] })
  await second.clock.advance(100)
  expect(await second.downtimes()).toMatchObject([{ start: START, end: START + 70_000 }])
  await second.runner.stop()
})

test('a streak goes on over a restart that is quicker than one interval', async () => {
  const config = (act: 'up' | 'down') => ({
    services: [scriptedService({ acts: [act] })],
    retryEvery: '4s' as const,
  })
  const first = await new World(config('down')).start()
  await first.clock.advance(5_000)
  expect(first.runner.status()[0]).toMatchObject({ status: 'soft', failures: 2 })
  const second = await first.restart(2_000, config('down'))
  await second.clock.advance(10)
  expect(await second.downtimes()).toMatchObject([{ start: START, end: null }])
  await second.runner.stop()
})

test('a streak from before a longer break proves nothing', async () => {
  const config = { services: [scriptedService({ acts: ['down'] })], retryEvery: '4s' as const }
  const first = await new World(config).start()
  await first.clock.advance(5_000)
  const second = await first.restart(20_000, config)
  await second.clock.advance(10)
  expect(second.runner.status()[0]).toMatchObject({ status: 'soft', failures: 1, since: START + 25_000 })
  await second.runner.stop()
})

test('up since when is kept over a quick restart', async () => {
  const config = { services: [scriptedService()] }
  const first = await new World(config).start()
  await first.clock.advance(30_000)
  const second = await first.restart(1_000, config)
  await second.clock.advance(10)
  expect(second.runner.status()[0]).toMatchObject({ status: 'up', since: START })
  await second.runner.stop()
})

test('removing a service closes its downtime and says so', async () => {
  const first = await new World({ services: [scriptedService({ acts: ['down'] })] }).start()
  await first.clock.advance(10_000)
  const second = await first.restart(5_000, { services: [scriptedService({ name: 'another' })] })
  await second.clock.advance(100)
  expect(await second.downtimes()).toMatchObject([{ start: START, end: START + 15_000 }])
  const log = await second.read(async (storage) => {
    const events = []
    for await (const entry of storage.changes(0)) events.push(...entry.events)
    return events
  })
  expect(log.find(({ type }) => type === 'up')).toMatchObject({ reason: 'removed' })
  expect(await second.read((storage) => storage.services())).toMatchObject([{ name: 'another' }])
  await second.runner.stop()
})

test('what was in flight at stop is aborted and not counted', async () => {
  const shop = scriptedService({ acts: ['hang'], timeout: '5s' })
  const world = await new World({ services: [shop] }).start()
  await world.clock.advance(1_000)
  expect(shop.inFlight).toBe(1)
  await world.runner.stop()
  expect(shop.inFlight).toBe(0)
  expect(world.moves()).toEqual([])
  expect(shop.closed).toBe(1)
  expect(world.clock.pending).toBe(0)
})

test('the clock of a check is its start, in whole milliseconds', async () => {
  const clock = new FakeClock(START + 0.7)
  const world = await new World({ services: [scriptedService({ acts: ['down'] })] }, { clock }).start()
  await clock.advance(5_000)
  for (const { start } of await world.downtimes()) expect(Number.isInteger(start)).toBe(true)
  await world.runner.stop()
})
