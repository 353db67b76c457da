import { scriptedProvider, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { serviceId } from '../src/index.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const spans = async (world: World, name?: string) => {
  const id = name && serviceId({ kind: 'scripted', name })
  return (await world.gaps())
    .filter(({ service, start, end }) => (!id || service === id) && end !== start)
    .map(({ start, end }) => [start - START, end === null ? null : end - START])
}

/** A monitor that knew `shop` from a provider, killed after a minute and started again a second later. */
async function restarted() {
  const first = scriptedProvider('cluster')
  const world = await new World({ providers: [first] }).start()
  first.put(scriptedService({ name: 'shop' }))
  await world.clock.advance(MINUTE)
  const provider = scriptedProvider('cluster')
  const again = await world.restart(1_000, { providers: [provider] })
  return { provider, world: again, began: MINUTE + 1_000 }
}

test('what a provider does not hand over again is not observed, also when it never does', async () => {
  const { world, began } = await restarted()
  await world.clock.advance(HOUR)
  await world.runner.stop()
  expect(await spans(world)).toEqual([[began, null]])
})

test('that is on record before the end, so that a kill changes nothing', async () => {
  const { world, began } = await restarted()
  await world.clock.advance(HOUR)
  expect(await spans(world)).toEqual([[began, null]])
})

test('it ends with the first check, in whatever run that is', async () => {
  const { world, began } = await restarted()
  await world.clock.advance(HOUR)
  const provider = scriptedProvider('cluster')
  const third = await world.restart(1_000, { providers: [provider] })
  provider.put(scriptedService({ name: 'shop' }))
  await third.clock.advance(MINUTE)
  expect(await spans(third)).toEqual([[began, began + HOUR + 1_000]])
  await third.runner.stop()
})

test('it ends when the service is dropped', async () => {
  const { world, provider, began } = await restarted()
  await world.clock.advance(HOUR)
  provider.put()
  await world.clock.advance(MINUTE)
  expect(await spans(world)).toEqual([[began, began + HOUR]])
  await world.runner.stop()
})

/** One slot, and a check that hangs in it; the other service waits. */
const starving = {
  concurrency: 1,
  services: [
    scriptedService({ name: 'hang', acts: ['ignore'], timeout: '2h' }),
    scriptedService({ name: 'starved' }),
  ],
}

test('what waits for a slot when the monitor stops, or is killed, is not vouched for', async () => {
  for (const end of ['stop', 'kill']) {
    const world = await new World(starving).start()
    await world.clock.advance(10 * MINUTE)
    if (end === 'stop') await world.runner.stop()
    const [run] = await world.runs()
    const [[from, to] = []] = await spans(world, 'starved')
    expect(to, end).toBeNull()
    expect(from!, end).toBeLessThanOrEqual(10_000)
    expect(run!.end - START, end).toBe(10 * MINUTE)
  }
})

test('what waits when the clock jumps stays unobserved over both runs', async () => {
  const world = await new World(starving).start()
  await world.clock.advance(10 * MINUTE)
  world.clock.jump(HOUR)
  await world.clock.advance(10 * MINUTE)
  expect(await world.runs()).toHaveLength(2)
  const gaps = await spans(world, 'starved')
  expect(gaps[0]![0]).toBeLessThanOrEqual(10_000)
  await world.runner.stop()
})
