import { type Act, scriptedProvider, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import type { Config } from '../src/index.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const named = (name: string, acts: readonly Act[] | ((n: number) => Act) = ['up']) =>
  scriptedService({ name, acts })

/** A monitor that has run for a minute. */
async function running(config: Config) {
  const world = await new World(config).start()
  await world.clock.advance(60_000)
  const reload = (next: Config) => world.runner.reload({ every: '10s', retryEvery: '1s', ...next })
  return { world, reload }
}

test('what is new is checked, what went is removed, and what stays goes on as if nothing had happened', async () => {
  const [stays, again] = [named('stays'), named('stays')]
  const { world, reload } = await running({ services: [stays, named('goes', ['down'])] })
  const same = named('stays')
  const undisturbed = await new World({ services: [same, named('goes')] }).start()
  await undisturbed.clock.advance(60_000)
  await reload({ services: [again, named('new')] })
  await world.clock.advance(60_000)
  await undisturbed.clock.advance(60_000)

  const names = world.runner.status().map(({ name }) => name)
  expect(names.sort()).toEqual(['new', 'stays'])
  const statusIn = ({ runner }: World) => runner.status().find(({ name }) => name === 'stays')
  expect(statusIn(world)).toEqual(statusIn(undisturbed))
  expect(stays.calls + again.calls).toBe(same.calls)
  expect([stays.closed, again.closed]).toEqual([1, 0])
  expect(await world.runs()).toHaveLength(1)
  expect(await world.downtimes()).toMatchObject([{ end: START + 60_000 }])
  await Promise.all([world.runner.stop(), undisturbed.runner.stop()])
})

test('an open downtime stays open, and a streak goes on', async () => {
  const acts = (n: number): Act => (n < 6 ? 'up' : 'down')
  let calls = 0
  const shared = () => scriptedService({ name: 'shop', acts: () => acts(calls++) })
  const { world, reload } = await running({ services: [shared()] })
  await world.clock.advance(11_000)
  await reload({ services: [shared()] })
  await world.clock.advance(60_000)
  expect(world.moves('shop')).toEqual(['unknown→up', 'up→soft', 'soft→down'])
  await reload({ services: [shared()] })
  await world.clock.advance(60_000)
  expect(await world.downtimes()).toMatchObject([{ end: null }])
  await world.runner.stop()
})

test('a bad config changes nothing and says everything that is wrong with it', async () => {
  const service = named('stays')
  const { world, reload } = await running({ services: [service] })
  await expect(reload({ services: [], concurrency: 0, every: 'often' as never })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    problems: [{}, {}],
  })
  await world.clock.advance(20_000)
  expect(world.runner.status().map(({ name }) => name)).toEqual(['stays'])
  expect(service.closed).toBe(0)
  await world.runner.stop()
})

test('providers come and go; what one held stays until its successor has spoken', async () => {
  const [old, next, gone, extra] = [
    scriptedProvider('a'),
    scriptedProvider('a'),
    scriptedProvider('b'),
    scriptedProvider('c'),
  ]
  const { world, reload } = await running({ providers: [old, gone] })
  old.put(named('one'), named('two'))
  gone.put(named('three'))
  await world.clock.advance(10_000)
  await reload({ providers: [next, extra] })
  extra.put(named('four'))
  await world.clock.advance(5_000)
  const names = () =>
    world.runner
      .status()
      .map(({ name }) => name)
      .sort()
  expect(names()).toEqual(['four', 'one', 'two'])
  next.put(named('two'))
  old.put(named('never'))
  await world.clock.advance(5_000)
  expect(names()).toEqual(['four', 'two'])
  expect(world.runner.providers().map(({ name, services }) => [name, services])).toEqual([
    ['a', 1],
    ['c', 1],
  ])
  await world.runner.stop()
})

test('other timing holds at once, also for what providers hold', async () => {
  const provider = scriptedProvider()
  const [own, found] = [named('own'), named('found')]
  const { world, reload } = await running({ services: [own], providers: [provider] })
  provider.put(found)
  await world.clock.advance(20_000)
  const before = found.calls
  await reload({ services: [own], providers: [provider], every: '1s' })
  await world.clock.advance(10_000)
  expect(found.calls - before).toBeGreaterThanOrEqual(9)
  await world.runner.stop()
})

test('agreed time that is added holds, and one that is taken away ends', async () => {
  const window = { start: '2026-01-01T00:02:00Z', end: '2026-01-01T00:10:00Z', reason: 'new disks' }
  const { world, reload } = await running({ services: [named('shop')] })
  await reload({ services: [named('shop')], maintenance: window })
  await world.clock.advance(120_000)
  expect(world.heard('maintenance').map(({ start, end }) => [start - START, end! - START])).toEqual([
    [120_000, 600_000],
  ])
  await reload({ services: [named('shop')] })
  await world.clock.advance(1_000)
  expect(world.heard('maintenance').at(-1)).toMatchObject({ end: START + 180_000 })
  await world.runner.stop()
})

test('what holds for the life of a runner is told to take a restart', async () => {
  const { world, reload } = await running({ services: [named('shop')] })
  const kept = await reload({ services: [named('shop')], monitor: 'other', lease: { duration: '30s' } })
  expect(kept).toEqual(expect.arrayContaining(['monitor', 'lease']))
  await world.runner.stop()
})

test('a runner that does not run cannot be reloaded', async () => {
  const world = new World({ services: [named('shop')] })
  await expect(world.runner.reload({})).rejects.toMatchObject({ code: 'RUNNER_STATE' })
  await world.start()
  await world.runner.stop()
  await expect(world.runner.reload({})).rejects.toMatchObject({ code: 'RUNNER_STATE' })
})
