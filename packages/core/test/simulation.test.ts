import { FakeClock, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import type { Downtime, Service } from '../src/index.js'
import { World } from './support/world.js'

const DAY = 86_400_000
const SERVICES = 10_000
const EVERY = 600_000

/** Down for half an hour once a day, at a time of its own. */
function outageOf(index: number): { start: number; end: number } {
  const start = (index * 7_919_000) % (DAY - 3_600_000)
  return { start, end: start + 1_800_000 }
}

test('ten thousand services over a day: every outage is found, to the check, and nothing else', async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  let checks = 0
  const services = Array.from({ length: SERVICES }, (_, index): Service => {
    const { start, end } = outageOf(index)
    return {
      kind: 'simulated',
      name: `s${index}`,
      check() {
        checks++
        const now = clock.monotonic()
        return now >= start && now < end ? Promise.reject(new Error('simulated')) : Promise.resolve()
      },
    }
  })
  // What is made of the record is another matter.
  const world = await new World({ services, every: EVERY, consolidators: [] }, { clock }).start()
  await clock.advance(DAY)
  await world.runner.stop()

  expect(checks).toBeGreaterThan((SERVICES * DAY) / EVERY)
  const byService = new Map<string, Downtime[]>()
  for (const downtime of await world.downtimes()) {
    byService.set(downtime.service, [...(byService.get(downtime.service) ?? []), downtime])
  }
  expect(byService.size).toBe(SERVICES)
  const begin = Date.UTC(2026, 0, 1)
  const index = new Map(
    (await world.read((storage) => storage.services())).map(({ id, name }) => [id, Number(name.slice(1))]),
  )
  for (const [id, downtimes] of byService) {
    const outage = outageOf(index.get(id)!)
    expect(downtimes).toHaveLength(1)
    const [{ start, end }] = downtimes as [Downtime]
    expect(start - begin - outage.start).toBeGreaterThanOrEqual(0)
    expect(start - begin - outage.start).toBeLessThanOrEqual(EVERY)
    expect(end! - begin - outage.end).toBeGreaterThanOrEqual(0)
    expect(end! - begin - outage.end).toBeLessThanOrEqual(EVERY)
  }
  expect(world.heard('gap')).toEqual([])
  expect(world.heard('blocked')).toEqual([])
  expect(await world.runs()).toHaveLength(1)
}, 120_000)

test('a thousand services of every temper for an hour: states, record and calls agree', async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const services = Array.from({ length: 1_000 }, (_, index) =>
    scriptedService({
      name: `s${index}`,
      acts: (n) => (index % 5 === 0 ? 'up' : (n * 31 + index * 17) % (index % 11 || 1) < 3 ? 'down' : 'up'),
    }),
  )
  const world = await new World({ services, every: '60s' }, { clock }).start()
  await clock.advance(3_600_000)
  const status = new Map(world.runner.status().map((one) => [one.id, one]))
  await world.runner.stop()
  const open = new Map(
    (await world.downtimes()).filter(({ end }) => end === null).map((one) => [one.service, one]),
  )
  for (const [id, { status: now, since }] of status) {
    expect(open.has(id)).toBe(now === 'down')
    if (now === 'down') expect(open.get(id)!.start).toBe(since)
  }
}, 60_000)
