import { type Act, scriptedProvider, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { Cluster } from './support/cluster.js'
import { seconds } from './support/seconds.js'
import type { World } from './support/world.js'

const standings = (world: World) => world.heard('leadership').map(({ standing }) => standing)

/** Two instances that see the same thing, which is up or down as told. */
async function pair(ahead = 0) {
  const cluster = new Cluster()
  const seen: { act: Act } = { act: 'up' }
  const services = [0, 1].map(() => scriptedService({ acts: () => seen.act, every: '1s', attempts: 2 }))
  const a = await cluster.join({ services: [services[0]!] })
  const b = await cluster.join({ services: [services[1]!] }, ahead)
  return { cluster, a, b, services, seen }
}

test('of two instances one checks, and the other stands by', async () => {
  const { cluster, a, b, services } = await pair()
  await cluster.advance(60_000)
  expect([a.runner.leadership(), b.runner.leadership()]).toMatchObject([
    { standing: 'leading', holder: a.instance.id, term: 1 },
    { standing: 'standby', holder: a.instance.id, term: 1 },
  ])
  expect(services[0]!.calls).toBeGreaterThan(50)
  expect(services[1]!.calls).toBe(0)
  expect(b.runner.status()).toEqual([])
  await cluster.stop()
})

test('a leader that stops gives its lease back, and the other checks within one retry', async () => {
  const { cluster, a, b, services } = await pair()
  await cluster.advance(10_000)
  await a.runner.stop()
  await cluster.advance(2_250, [a])
  expect(b.runner.leadership()).toMatchObject({ standing: 'leading', term: 2 })
  expect(services[1]!.calls).toBeGreaterThan(0)
  await b.runner.stop()
  expect(await cluster.lease()).toMatchObject({ holder: null, term: 2 })
})

for (const hours of [0, 3, -3]) {
  test(`a leader that stands still is replaced after its lease; clocks ${hours} hours apart`, async () => {
    const { cluster, a, b } = await pair(hours * 3_600_000)
    await cluster.advance(20_000)
    await cluster.advance(14_000, [a])
    expect(standings(b)).toEqual(['standby'])
    await cluster.advance(4_000, [a])
    expect(standings(b)).toEqual(['standby', 'leading'])
    await cluster.stop()
  })
}

test('one that wakes up after another has taken over writes nothing into the present', async () => {
  const { cluster, a, b, seen } = await pair()
  await cluster.advance(20_000)
  seen.act = 'down'
  await cluster.advance(60_000, [a])
  seen.act = 'up'
  await cluster.advance(60_000)
  expect(standings(a)).toEqual(
    ['leading', 'lapsed', 'standby'].filter((one) => standings(a).includes(one as never)),
  )
  expect(a.runner.leadership().standing).toBe('standby')
  const terms = (await cluster.log()).map(({ term }) => term)
  expect(terms).toEqual([...terms].sort())
  const downtimes = await b.downtimes()
  expect(downtimes).toHaveLength(1)
  expect(downtimes[0]!.end).not.toBeNull()
  await cluster.stop()
})

test('a leader cut off from its storage goes on checking, writes nothing, and steps down when another has taken over', async () => {
  const { cluster, a, b, services, seen } = await pair()
  await cluster.advance(20_000)
  cluster.cut(a)
  seen.act = 'down'
  await cluster.advance(4_000)
  seen.act = 'up'
  await cluster.advance(30_000)
  const calls = services[0]!.calls
  expect(a.runner.leadership().standing).toBe('lapsed')
  expect(b.runner.leadership().standing).toBe('leading')
  await cluster.advance(10_000)
  expect(services[0]!.calls).toBeGreaterThan(calls + 5)
  expect(await b.downtimes()).toEqual([])
  cluster.cut(a, false)
  await cluster.advance(10_000)
  expect(a.runner.leadership().standing).toBe('standby')
  // Within its authority: what came and went is told as history.
  expect(seconds(await b.downtimes())).toEqual([[20, 24]])
  expect(a.heard('error').map(({ error }) => error.code)).not.toContain('FACTS_LOST')
  await cluster.stop()
})

test('a storage that was away for all of them deposes nobody: the leader delivers what it found', async () => {
  const { cluster, a, b, seen } = await pair()
  await cluster.advance(20_000)
  for (const world of [a, b]) cluster.cut(world)
  seen.act = 'down'
  await cluster.advance(120_000)
  seen.act = 'up'
  await cluster.advance(60_000)
  for (const world of [a, b]) cluster.cut(world, false)
  await cluster.advance(30_000)
  expect(standings(a)).toEqual(['leading', 'lapsed', 'leading'])
  expect(standings(b)).toEqual(['standby', 'waiting', 'standby'])
  expect(seconds(await a.downtimes())).toEqual([[20, 140]])
  expect(await a.runs()).toHaveLength(1)
  await cluster.stop()
})

test('a leader that dies while the storage is away leaves nobody blind for long: the other checks, and its word holds', async () => {
  const { cluster, a, b, services, seen } = await pair()
  await cluster.advance(20_000)
  cluster.cut(b)
  await cluster.advance(20_000, [a])
  expect(b.runner.leadership().standing).toBe('waiting')
  expect(services[1]!.calls).toBeGreaterThan(1)
  seen.act = 'down'
  await cluster.advance(10_000, [a])
  seen.act = 'up'
  await cluster.advance(10_000, [a])
  cluster.cut(b, false)
  const { calls } = services[1]!
  await cluster.advance(30_000, [a])
  expect(b.runner.leadership().standing).toBe('leading')
  expect(services[1]!.calls - calls).toBeGreaterThan(25)
  expect(seconds(await b.downtimes())).toEqual([[40, 50]])
  expect(b.heard('error')).toEqual([])
  await cluster.stop()
})

test('one that was cut off while another led stands by again, and its word is refused', async () => {
  const { cluster, a, b } = await pair()
  await cluster.advance(20_000)
  cluster.cut(b)
  await cluster.advance(30_000)
  expect(standings(b)).toEqual(['standby', 'waiting'])
  cluster.cut(b, false)
  await cluster.advance(10_000)
  expect(standings(b)).toEqual(['standby', 'waiting', 'standby'])
  expect(standings(a)).toEqual(['leading'])
  expect(b.heard('error').map(({ error }) => error.code)).toEqual(['FACTS_REFUSED'])
  await cluster.stop()
})

test('one that is gone for certain is replaced at once', async () => {
  const { cluster, a, b } = await pair()
  await cluster.advance(10_000)
  b.gone.add(a.instance.id)
  await cluster.advance(2_250, [a])
  expect(b.runner.leadership().standing).toBe('leading')
  await cluster.stop()
})

test('an open downtime is taken over by whoever leads next, and closed when it ends', async () => {
  const { cluster, a, b, seen } = await pair()
  await cluster.advance(10_000)
  seen.act = 'down'
  await cluster.advance(10_000)
  await a.runner.stop()
  await cluster.advance(20_000, [a])
  seen.act = 'up'
  await cluster.advance(10_000, [a])
  await b.runner.stop()
  expect(seconds(await b.downtimes())).toEqual([[10, 40]])
})

test('one that stands by knows what providers hold, so that it checks everything at once', async () => {
  const cluster = new Cluster()
  const providers = [scriptedProvider(), scriptedProvider()]
  const a = await cluster.join({ providers: [providers[0]!], every: '1s' })
  const b = await cluster.join({ providers: [providers[1]!], every: '1s' })
  const [first, second] = [scriptedService({ name: 'x' }), scriptedService({ name: 'x' })]
  providers[0]!.put(first)
  providers[1]!.put(scriptedService({ name: 'old' }))
  await cluster.advance(5_000)
  providers[1]!.put(second)
  await cluster.advance(5_000)
  await a.runner.stop()
  await cluster.advance(3_000, [a])
  expect(second.calls).toBeGreaterThan(0)
  expect(await b.read((storage) => storage.services())).toHaveLength(1)
  await b.runner.stop()
  expect([first.closed, second.closed]).toEqual([1, 1])
})

test('services of one that steps down stay open, and are checked again when it leads again', async () => {
  const { cluster, a, b, services } = await pair()
  await cluster.advance(10_000)
  cluster.cut(a)
  await cluster.advance(30_000)
  cluster.cut(a, false)
  await cluster.advance(5_000)
  expect([a, b].map((world) => world.runner.leadership().standing)).toEqual(['standby', 'leading'])
  expect(services[0]!.closed).toBe(0)
  await b.runner.stop()
  const { calls } = services[0]!
  await cluster.advance(10_000, [b])
  expect(a.runner.leadership()).toMatchObject({ standing: 'leading', term: 3 })
  expect(services[0]!.calls).toBeGreaterThan(calls + 5)
  await a.runner.stop()
  expect(services.map(({ closed }) => closed)).toEqual([1, 1])
})

test('who led when is part of the log', async () => {
  const { cluster, a, b } = await pair()
  await cluster.advance(5_000)
  await a.runner.stop()
  await cluster.advance(5_000, [a])
  await b.runner.stop()
  const led = (await cluster.log()).flatMap(({ term, event }) =>
    event.type === 'led' ? [[term, event.holder]] : [],
  )
  expect(led).toEqual([
    [1, a.instance.id],
    [2, b.instance.id],
  ])
})

test('eight that start at once: one leads', async () => {
  const cluster = new Cluster()
  const joining = Array.from({ length: 8 }, () => cluster.join({ services: [scriptedService()] }))
  const worlds = await Promise.all(joining)
  await cluster.advance(10_000)
  const all = worlds.map((world) => world.runner.leadership().standing)
  expect(all.filter((standing) => standing === 'leading')).toHaveLength(1)
  await cluster.stop()
  expect(cluster.members.map(({ clock }) => clock.pending)).toEqual(worlds.map(() => 0))
})
