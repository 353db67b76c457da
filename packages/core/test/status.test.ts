import { scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { holderOf, readStatus } from '../src/index.js'
import { Cluster } from './support/cluster.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')

const statusOf = (world: World, afterMs = 0, options = {}) =>
  world.read((storage) => readStatus(storage, world.clock.now() + afterMs, options))

test('while a monitor runs, its live state is shown, a second old at most', async () => {
  const world = await new World({
    services: [scriptedService({ name: 'a', acts: ['up', 'down'] })],
    retryEvery: '9s',
  }).start()
  await world.clock.advance(12_000)
  const { services, monitor } = await statusOf(world)
  expect(services).toMatchObject([
    { name: 'a', status: 'soft', failures: expect.any(Number), message: 'scripted failure' },
  ])
  expect(services[0]!.lastCheck).toBeGreaterThan(START)
  expect(monitor).toMatchObject({ running: true, pid: process.pid, startedAt: START, waiting: 0 })
  await world.runner.stop()
})

test('an outage shows as soon as it is on record, and its end as soon as it is seen', async () => {
  const service = scriptedService({ name: 'a', acts: ['up', 'down', 'down', 'up'] })
  const world = await new World({ services: [service], attempts: 2, retryEvery: '200ms' }).start()
  for (let shown = ''; shown !== 'down'; await world.clock.advance(50)) {
    const { services } = await statusOf(world)
    shown = services[0]!.status
    const isOpen = (await world.downtimes()).some(({ end }) => end === null)
    expect(shown === 'down').toBe(isOpen)
  }
  await world.clock.advance(12_000)
  expect((await statusOf(world)).services).toMatchObject([{ status: 'up' }])
  await world.runner.stop()
})

test('when none runs, live fields are null and an open downtime still shows', async () => {
  const services = [scriptedService({ name: 'up' }), scriptedService({ name: 'down', acts: ['down'] })]
  const world = await new World({ services }).start()
  await world.clock.advance(10_000)
  await world.runner.stop()
  const report = await statusOf(world)
  expect(report.monitor).toBeUndefined()
  const byName = new Map(report.services.map((service) => [service.name, service]))
  const dead = { lastCheck: null, latencyMs: null, nextCheck: null }
  expect(byName.get('up')).toMatchObject({ ...dead, status: 'unknown', since: null, message: null })
  expect(byName.get('down')).toMatchObject({ ...dead, status: 'down', message: 'scripted failure' })
})

test('a monitor that was killed is gone after a few seconds', async () => {
  const world = await new World({ services: [scriptedService()] }).start()
  await world.clock.advance(10_000)
  expect((await statusOf(world, 1_000)).monitor).toBeDefined()
  expect((await statusOf(world, 8_000)).monitor).toBeUndefined()
  expect((await statusOf(world, 8_000)).services).toMatchObject([{ status: 'unknown' }])
})

test('removed services are shown on demand', async () => {
  const first = await new World({ services: [scriptedService({ name: 'gone' })] }).start()
  await first.clock.advance(10_000)
  const world = await first.restart(1_000, { services: [scriptedService({ name: 'new' })] })
  await world.clock.advance(2_000)
  expect((await statusOf(world)).services.map(({ name }) => name)).toEqual(['new'])
  const all = (await statusOf(world, 0, { removed: true })).services
  expect(all.map(({ name, status }) => [name, status])).toEqual([
    ['gone', 'removed'],
    ['new', 'up'],
  ])
  await world.runner.stop()
})

test('who stands by is shown beside who leads, until it leads itself or is gone', async () => {
  const cluster = new Cluster()
  const config = { services: [scriptedService({ name: 'a' })] }
  const first = await cluster.join(config)
  const second = await cluster.join(config)
  const third = await cluster.join(config)
  await cluster.advance(10_000)
  const waiting = [second, third].map(({ instance }) => holderOf(instance.id))
  expect((await statusOf(first)).standbys).toEqual(waiting)
  await first.runner.stop()
  await cluster.advance(10_000, [first])
  const { monitor, standbys } = await statusOf(second)
  expect(monitor).toBeDefined()
  expect(standbys).toHaveLength(1)
  expect((await statusOf(second, 15_000)).standbys).toEqual([])
  await cluster.stop()
})
