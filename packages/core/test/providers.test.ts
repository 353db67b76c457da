import { MemoryPlace, scriptedProvider, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import {
  type Context,
  checkAll,
  type Discovery,
  type Provider,
  resolveConfig,
  type Service,
} from '../src/index.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')
/** Within the few milliseconds over which first checks are spread. */
const soon = expect.closeTo(START, -1)
const s = (name: string, options = {}) => scriptedService({ name, ...options })
const names = (world: World) =>
  world.runner
    .status()
    .map(({ name }) => name)
    .sort()
const record = (world: World) => world.read((storage) => storage.services())

test('each set is the whole: what is new is checked, what is gone is dropped, what stays keeps its state', async () => {
  const provider = scriptedProvider('cluster')
  const world = await new World({ providers: [provider] }).start()
  provider.put(s('a', { acts: ['down'] }), s('b'))
  await world.clock.advance(5_000)
  provider.put(s('a', { acts: ['down'] }), s('c'))
  await world.clock.advance(5_000)
  expect(names(world)).toEqual(['a', 'c'])
  expect(world.moves('a')).toEqual(['unknown→soft', 'soft→down'])
  expect(await world.downtimes()).toMatchObject([{ start: soon, end: null }])
  expect((await record(world)).map(({ name }) => name).sort()).toEqual(['a', 'c'])
  await world.runner.stop()
})

test('a service that is taken away while it is down gets its downtime closed', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider] }).start()
  provider.put(s('a', { acts: ['down'] }))
  await world.clock.advance(5_000)
  provider.put()
  await world.clock.advance(5_000)
  const [downtime] = await world.downtimes()
  expect(downtime!.end).toBeGreaterThanOrEqual(START + 5_000)
  expect(await record(world)).toEqual([])
  await world.runner.stop()
})

test('the same service from two providers is checked once and stays until the last one drops it', async () => {
  const [one, two] = [scriptedProvider('one'), scriptedProvider('two')]
  const shared = { one: s('shared'), two: s('shared') }
  const world = await new World({ providers: [one, two] }).start()
  one.put(shared.one)
  two.put(shared.two)
  await world.clock.advance(30_000)
  expect(names(world)).toEqual(['shared'])
  expect([shared.one.calls, shared.two.calls]).toEqual([4, 0])
  expect((await record(world))[0]!.sources).toEqual(['one', 'two'])
  one.put()
  await world.clock.advance(30_000)
  expect(names(world)).toEqual(['shared'])
  expect([shared.one.calls, shared.two.calls]).toEqual([4, 3])
  two.put()
  await world.clock.advance(1_000)
  expect(names(world)).toEqual([])
  expect(shared.one.closed + shared.two.closed).toBe(2)
  await world.runner.stop()
})

test('a changed service keeps its state, its history and its failures in a row', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider], retryEvery: '4s' }).start()
  const api = (labels: Record<string, string>) => s('api', { acts: ['down'], labels })
  provider.put(api({ team: 'a' }))
  await world.clock.advance(5_000)
  expect(world.runner.status()[0]).toMatchObject({ status: 'soft', failures: 2 })
  provider.put(api({ team: 'b' }))
  await world.clock.advance(1_000)
  expect(world.runner.status()[0]).toMatchObject({ status: 'soft', failures: 2, labels: { team: 'b' } })
  await world.clock.advance(5_000)
  expect(await world.downtimes()).toMatchObject([{ start: START }])
  const [service] = await record(world)
  expect(service).toMatchObject({ labels: { team: 'b' }, monitored: [{ start: START, end: null }] })
  await world.runner.stop()
})

test('a changed interval takes effect at once', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider] }).start()
  provider.put(s('a', { every: '1h' }))
  await world.clock.advance(10_000)
  const quick = s('a', { every: '1s' })
  provider.put(quick)
  await world.clock.advance(10_000)
  expect(quick.calls).toBeGreaterThanOrEqual(9)
  await world.runner.stop()
})

test('an object that is replaced while its check is in flight is closed after it', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider], timeout: '5s' }).start()
  const old = s('a', { acts: ['hang'] })
  provider.put(old)
  await world.clock.advance(1_000)
  provider.put(s('a'))
  await world.clock.advance(1_000)
  expect([old.inFlight, old.closed]).toEqual([1, 0])
  await world.clock.advance(5_000)
  expect([old.inFlight, old.closed]).toEqual([0, 1])
  await world.runner.stop()
})

test('a provider that fails keeps its last set, says so, and is restarted with backoff', async () => {
  const provider = scriptedProvider('cluster')
  const world = await new World({ providers: [provider] }).start()
  const a = s('a')
  provider.put(a)
  await world.clock.advance(1_000)
  provider.fail('connection lost')
  await world.clock.advance(100)
  expect(world.runner.providers()).toMatchObject([{ name: 'cluster', services: 1, error: 'connection lost' }])
  expect(world.runner.providers()[0]!.staleSince).toBe(START + 1_000)
  expect(names(world)).toEqual(['a'])
  await world.clock.advance(2_000)
  expect(provider.starts).toBe(2)
  provider.put(a, s('b'))
  await world.clock.advance(1_000)
  expect(world.runner.providers()).toMatchObject([{ services: 2, staleSince: null, error: null }])
  await world.runner.stop()
})

test('backoff grows up to a minute', async () => {
  let starts = 0
  const provider: Provider = {
    name: 'never',
    // biome-ignore lint/correctness/useYield: it fails before it could
    async *discover() {
      starts++
      throw new Error('no')
    },
  }
  const world = await new World({ providers: [provider] }).start()
  await world.clock.advance(60_000)
  expect(starts).toBeGreaterThanOrEqual(5)
  expect(starts).toBeLessThanOrEqual(9)
  const before = starts
  await world.clock.advance(600_000)
  expect(starts - before).toBeGreaterThanOrEqual(10)
  expect(starts - before).toBeLessThanOrEqual(21)
  await world.runner.stop()
})

const yielding = (...sets: unknown[]): Provider => ({
  name: 'odd',
  async *discover({ signal }: Context) {
    for (const set of sets) yield set as Discovery
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  },
})

for (const [what, set] of [
  ['nothing', undefined],
  ['a list', []],
  ['services that are no list', { services: 'a' }],
] as const) {
  test(`a provider that yields ${what} is stale, and its last set stays`, async () => {
    const world = await new World({ providers: [yielding({ services: [s('a')] }, set)] }).start()
    await world.clock.advance(500)
    expect(names(world)).toEqual(['a'])
    expect(world.runner.providers()[0]!.error).toMatch(/expected \{ services: \[...\] \}/)
    await world.runner.stop()
  })
}

test('of a set with bad services the good ones are taken and the others listed with the reason', async () => {
  const set = {
    services: [
      s('a'),
      { kind: 'x', name: 'no check' },
      null,
      s('a'),
      { ...s('b'), problems: [{ path: 'url', found: '"x"', expected: 'a URL' }] },
    ],
    skipped: [{ what: '*.example.com', reason: 'a wildcard host' }],
  }
  const world = await new World({ providers: [yielding(set)] }).start()
  await world.clock.advance(500)
  expect(names(world)).toEqual(['a'])
  expect(world.runner.providers()[0]!.skipped.map(({ reason }) => reason)).toEqual([
    'a wildcard host',
    'found an object with kind, name, expected a service with a check() method',
    'found null, expected a service with a check() method',
    'the same service comes twice in one set',
    'url: found "x", expected a URL',
  ])
  await world.runner.stop()
})

test('a provider that throws at once, or is no iterable, harms only itself', async () => {
  const throwing: Provider = {
    name: 'throwing',
    discover() {
      throw new Error('at once')
    },
  }
  const rubbish = { name: 'rubbish', discover: () => 42 } as unknown as Provider
  const world = await new World({ services: [s('good')], providers: [throwing, rubbish] }).start()
  await world.clock.advance(30_000)
  expect(world.moves('good')).toEqual(['unknown→up'])
  expect(world.runner.providers().map(({ error }) => Boolean(error))).toEqual([true, true])
  await world.runner.stop()
})

test('a provider whose sets are final may end, one that ends without a set is stale', async () => {
  const final: Provider = {
    name: 'final',
    async *discover() {
      yield { services: [s('a')] }
    },
  }
  const empty: Provider = { name: 'empty', async *discover() {} }
  const world = await new World({ providers: [final, empty] }).start()
  await world.clock.advance(60_000)
  expect(names(world)).toEqual(['a'])
  expect(world.runner.providers().map(({ error }) => error)).toEqual([null, 'it ended without a set'])
  await world.runner.stop()
})

test('what keeps a provider from seeing is told once, and again only when it is something else', async () => {
  let reason = 'connection refused'
  const lost: Provider = {
    name: 'lost',
    // biome-ignore lint/correctness/useYield: it never gets to a set
    async *discover() {
      throw new Error(reason)
    },
  }
  const told: string[] = []
  const note = (message: string) => told.push(message)
  const log = { debug: note, info: note, warn: note, error: note }
  const world = await new World({ providers: [lost] }, { log }).start()
  await world.clock.advance(120_000)
  expect(told.filter((message) => message.includes('lost'))).toEqual(['provider lost: connection refused'])
  reason = 'a right is missing'
  await world.clock.advance(120_000)
  expect(told.filter((message) => message.includes('lost'))).toHaveLength(2)
  await world.runner.stop()
})

test('a provider that ignores its signal holds up no stop', async () => {
  const deaf: Provider = {
    name: 'deaf',
    async *discover() {
      yield { services: [] }
      await new Promise(() => undefined)
    },
  }
  const world = await new World({ providers: [deaf] }).start()
  await world.clock.advance(1_000)
  const stopping = world.runner.stop()
  await world.clock.advance(10_000)
  await stopping
})

test('sets that come without end starve nobody', async () => {
  const flood: Provider = {
    name: 'flood',
    async *discover() {
      for (;;) yield { services: [s('a')] }
    },
  }
  const world = await new World({ services: [s('good')], providers: [flood] }).start()
  await world.clock.advance(10_000)
  expect(world.moves('good')).toEqual(['unknown→up'])
  await world.runner.stop()
})

test('before its first set, a provider keeps what it held in the last run', async () => {
  const place = new MemoryPlace()
  const first = scriptedProvider('cluster')
  const world = await new World({ providers: [first] }, { place }).start()
  first.put(s('a', { acts: ['down'] }), s('b'))
  await world.clock.advance(10_000)
  const again = scriptedProvider('cluster')
  const later = await world.restart(5_000, { providers: [again] })
  await later.clock.advance(10_000)
  expect((await record(later)).map(({ name }) => name).sort()).toEqual(['a', 'b'])
  again.put(s('a', { acts: ['down'] }))
  await later.clock.advance(1_000)
  expect((await record(later)).map(({ name }) => name)).toEqual(['a'])
  expect(await later.downtimes()).toMatchObject([{ start: soon, end: null }])
  await later.runner.stop()
})

test('a provider that was given another name keeps its services', async () => {
  const first = scriptedProvider('cluster')
  const world = await new World({ providers: [first] }).start()
  first.put(s('a', { acts: ['down'] }), s('b'))
  await world.clock.advance(10_000)
  const renamed = scriptedProvider('production')
  const later = await world.restart(5_000, { providers: [renamed] })
  await later.clock.advance(1_000)
  renamed.put(s('a', { acts: ['down'] }))
  await later.clock.advance(1_000)
  expect((await record(later)).map(({ name, sources }) => [name, sources])).toEqual([['a', ['production']]])
  expect(await later.downtimes()).toMatchObject([{ end: null }])
  await later.runner.stop()
})

test('what a provider held that is not in the config any more is dropped at the start', async () => {
  const first = scriptedProvider('cluster')
  const world = await new World({ providers: [first] }).start()
  first.put(s('a', { acts: ['down'] }))
  await world.clock.advance(10_000)
  const later = await world.restart(5_000, { services: [s('c')] })
  await later.clock.advance(1_000)
  expect((await record(later)).map(({ name }) => name)).toEqual(['c'])
  expect(await later.downtimes()).toMatchObject([{ end: START + 15_000 }])
  await later.runner.stop()
})

test('a service that moves from a provider into the config keeps its history', async () => {
  const provider = scriptedProvider('cluster')
  const first = await new World({ providers: [provider] }).start()
  provider.put(s('a', { acts: ['down'] }))
  await first.clock.advance(10_000)
  const later = await first.restart(1_000, { services: [s('a', { acts: ['down'] })] })
  await later.clock.advance(1_000)
  expect(await later.downtimes()).toMatchObject([{ start: soon, end: null }])
  expect(await record(later)).toMatchObject([
    { sources: ['config'], monitored: [{ start: START, end: null }] },
  ])
  await later.runner.stop()
})

test('services told to listeners are those that changed', async () => {
  const provider = scriptedProvider('cluster')
  const world = await new World({ services: [s('static')], providers: [provider] }).start()
  const [a, b]: Service[] = [s('a'), s('b')]
  provider.put(a!)
  await world.clock.advance(100)
  provider.put(a!, b!)
  await world.clock.advance(100)
  provider.put(b!)
  await world.clock.advance(100)
  const told = world
    .heard('services')
    .map(({ source, added, removed }) => [
      source,
      added.map(({ name }) => name),
      removed.map(({ name }) => name),
    ])
  expect(told).toEqual([
    ['config', ['static'], []],
    ['cluster', ['a'], []],
    ['cluster', ['b'], []],
    ['cluster', [], ['a']],
  ])
  await world.runner.stop()
})

test('an object that one provider drops is kept while another one may still hold the service', async () => {
  const remembered = async () => {
    const [one, two] = [scriptedProvider('one'), scriptedProvider('two')]
    const world = await new World({ providers: [one, two] }).start()
    one.put(s('x'))
    two.put(s('x'))
    await world.clock.advance(30_000)
    await world.runner.stop()
    return world
  }
  const before = await remembered()
  const [one, two] = [scriptedProvider('one'), scriptedProvider('two')]
  const world = await before.restart(1_000, { providers: [one, two] })
  const [fromOne, fromTwo] = [s('x'), s('x')]
  one.put(fromOne)
  await world.clock.advance(5_000)
  one.put()
  await world.clock.advance(30_000)
  two.put(fromTwo)
  await world.clock.advance(30_000)
  expect(fromOne).toMatchObject({ calls: 4, closed: 1 })
  two.put()
  await world.clock.advance(60_000)
  expect(names(world)).toEqual([])
  expect([fromOne.calls, fromTwo.calls]).toEqual([4, 3])
  expect((await world.downtimes()).filter(({ end }) => end === null)).toEqual([])
  await world.runner.stop()
})

test('an object that was dropped and closed must not come back: the provider fails and keeps its set', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider] }).start()
  const [old, other] = [s('a'), s('b')]
  provider.put(old)
  await world.clock.advance(5_000)
  provider.put(other)
  await world.clock.advance(5_000)
  expect(old.closed).toBe(1)
  provider.put(old)
  await world.clock.advance(5_000)
  expect(names(world)).toEqual(['b'])
  expect(world.heard('provider').at(-1)!.error).toMatch(/"a", which it had dropped and is closed/)
  await world.runner.stop()
  expect([old.closed, other.closed]).toEqual([1, 1])
})

test('an object that is replaced and comes back while its check is in flight is not closed', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider] }).start()
  const [a, b] = [s('x', { acts: ['hang'] }), s('x')]
  provider.put(a)
  await world.clock.advance(100)
  provider.put(b)
  await world.clock.advance(100)
  provider.put(a)
  await world.clock.advance(30_000)
  expect(a.closed).toBe(0)
  await world.runner.stop()
  expect(a.closed).toBe(1)
})

test('a changed interval moves no check that is due at once or after a failure', async () => {
  const provider = scriptedProvider()
  const world = await new World({ providers: [provider] }).start()
  provider.put(s('soft', { acts: ['down'], retryEvery: '5s' }), s('new'))
  await world.clock.advance(1_000)
  const slower = [s('soft', { acts: ['down'], retryEvery: '5s', every: '1d' }), s('other', { every: '1d' })]
  provider.put(...slower)
  await world.clock.advance(100)
  provider.put(slower[0]!, s('other', { every: '2d' }))
  await world.clock.advance(15_000)
  expect(world.moves('soft')).toEqual(['unknown→soft', 'soft→down'])
  expect(world.moves('other')).toEqual(['unknown→up'])
  await world.runner.stop()
})

test('what a provider says of skipped objects is published whatever it is', async () => {
  const provider: Provider = {
    name: 'odd',
    async *discover({ signal }: Context): AsyncIterable<Discovery> {
      const odd = { what: () => 1, reason: 5n } as never
      yield { services: [s('a')], skipped: [odd, { what: 'a\u001b[2Jb', reason: 'fine' }] }
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  }
  const world = await new World({ providers: [provider] }).start()
  await world.clock.advance(5_000)
  const { skipped } = world.runner.providers()[0]!
  expect(skipped.map(({ what }) => what)).toEqual([expect.any(String), 'a [2Jb'])
  expect(JSON.parse(JSON.stringify(skipped))).toEqual(skipped)
  await world.runner.stop()
})

test('fifty providers are no reason to warn', async () => {
  const warnings: unknown[] = []
  const listen = (warning: unknown) => warnings.push(warning)
  process.on('warning', listen)
  const providers = Array.from({ length: 50 }, (_, index) => scriptedProvider(`p${index}`))
  const world = await new World({ providers }).start()
  await world.clock.advance(1_000)
  await world.runner.stop()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', listen)
  expect(warnings).toEqual([])
})

test('a provider is told what relative paths in the config stand for', async () => {
  const folders: unknown[] = []
  const provider: Provider = {
    name: 'files',
    async *discover({ folder }) {
      folders.push(folder)
      yield { services: [] }
    },
  }
  const world = await new World({ providers: [provider] }, { folder: '/srv/uptime' }).start()
  await world.runner.stop()
  await checkAll(await resolveConfig({ providers: [provider] }), { folder: '/srv/other' })
  expect(folders).toEqual(['/srv/uptime', '/srv/other'])
})
