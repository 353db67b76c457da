import { setTimeout as sleep } from 'node:timers/promises'
import { databaseProvider } from '@uptimeserver/database-provider'
import { FakeClock, quietContext } from '@uptimeserver/testing'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startPostgres } from '../../../test/servers/postgres.js'
import { TcpProxy } from '../../../test/servers/proxy.js'
import { Monitor, type Options } from './support/monitor.js'
import { page } from './support/page.js'
import { QUERY, Table } from './support/table.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(() => startPostgres())
const quick = { query: QUERY, every: '1s', timeout: '700ms', listen: 'services_changed' } as const
const table = () => Table.create(server(), ['shop', 'blog'])
const through = (uri: string, proxy: TcpProxy) => uri.replace(String(server().port), String(proxy.port))

async function watched(uri: string, options: Partial<Options> = {}): Promise<Monitor> {
  const seen = await Monitor.start({ uri, ...quick, ...options })
  await seen.shows(['blog', 'shop'])
  return seen
}

/** News still come over the connection that there is now. */
async function newsCome(services: Table, seen: Monitor, name: string): Promise<void> {
  await services.add(name)
  await expect.poll(() => seen.names, { timeout: 1_000, interval: 10 }).toContain(name)
  await services.sql(`DELETE FROM services WHERE name = '${name}'`)
  await seen.shows(['blog', 'shop'], 1_000)
}

describe('the last set stays while the server is away, and is right again when it is back', () => {
  test.each([
    ['stopped', () => server().stop(), () => server().restart()],
    ['killed', () => server().kill(), () => server().restart()],
    ['frozen', () => server().pause(), async () => server().resume()],
  ] as const)('%s', async (_, leave, comeBack) => {
    const services = await table()
    await using seen = await watched(services.uri)
    await leave()
    expect(await seen.failure(10_000)).toMatch(
      /^(terminating connection .*|the connection was closed by the other side|no answer within .*|connect ECONNREFUSED .*|the database system is .*)$/,
    )
    expect(seen.names).toEqual(['blog', 'shop'])
    await comeBack()
    await services.add('wiki')
    await services.sql(`DELETE FROM services WHERE name = 'blog'`)
    await seen.shows(['shop', 'wiki'], 20_000)
    await seen.sight()
    await services.sql(`UPDATE services SET name = 'blog' WHERE name = 'wiki'`)
    await seen.shows(['blog', 'shop'], 3_000)
    expect(seen.removed).toEqual(['blog', 'wiki'])
  })
})

test('a connection that somebody ended is made anew, what changed meanwhile is read, and news come again', async () => {
  const services = await table()
  await using seen = await watched(services.uri, { every: '1h' })
  await services.sql(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'uptimeserver' AND datname = current_database()`)
  expect(await seen.failure()).toMatch(/^terminating connection due to administrator command$/)
  await services.add('wiki')
  await seen.shows(['blog', 'shop', 'wiki'])
  await services.sql(`DELETE FROM services WHERE name = 'wiki'`)
  await seen.shows(['blog', 'shop'], 1_000)
})

test('a connection over which nothing comes any more is noticed by the next reading', async () => {
  const services = await table()
  await using proxy = await TcpProxy.to(server().port)
  await using seen = await watched(through(services.uri, proxy))
  await newsCome(services, seen, 'before')
  expect(proxy.mute()).toBe(1)
  expect(await seen.failure()).toBe('no answer within 1.7s')
  await seen.sight()
  await newsCome(services, seen, 'after')
  expect(seen.removed).toEqual(['before', 'after'])
})

test('one that is only listened to is asked every 30 s whether it is still there', async () => {
  const services = await table()
  await using proxy = await TcpProxy.to(server().port)
  const clock = new FakeClock()
  const options = {
    uri: through(services.uri, proxy),
    query: QUERY,
    types: { page },
    listen: 'services_changed',
  }
  const provider = databaseProvider({ ...options, every: '1d' })
  const sets = provider.discover({ ...quietContext(), clock })[Symbol.asyncIterator]()
  expect((await sets.next()).value?.services).toHaveLength(2)
  const next = outcome(sets.next())
  await advance(clock, 120_000)
  expect(await Promise.race([next, 'nothing'])).toBe('nothing')
  proxy.mute()
  await advance(clock, 42_000)
  expect(await Promise.race([next, 'nothing'])).toBe('no answer within 10s')
})

const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'a set',
    (error: Error) => error.message,
  )

/** In steps, with time for the answers of a real server in between. */
async function advance(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    await clock.advance(1_000)
    await sleep(10)
  }
}

describe('it ends at once when it is stopped', () => {
  const stops: Readonly<Record<string, (services: Table, proxy: TcpProxy) => Promise<Options>>> = {
    'while it connects': async ({ uri }, proxy) => {
      proxy.set('hang')
      return { uri: through(uri, proxy), query: QUERY }
    },
    'while it asks to be told of changes': async ({ uri }, proxy) => {
      proxy.set({ mode: 'delay', ms: 150 })
      return { uri: through(uri, proxy), query: QUERY, listen: 'services_changed' }
    },
    'while a query runs': async ({ uri }) => ({ uri, query: 'SELECT pg_sleep(9)' }),
    'while it waits for the next reading': async ({ uri }) => ({ uri, query: QUERY }),
    'while the server is away': async ({ uri }, proxy) => {
      proxy.set('cut')
      return { uri: through(uri, proxy), query: QUERY }
    },
    'while rows are drip-fed': async ({ uri }, proxy) => {
      proxy.set({ mode: 'drip', bytes: 40, ms: 5 })
      return { uri: through(uri, proxy), query: 'SELECT * FROM generate_series(1, 9000)' }
    },
    'while nothing comes back': async ({ uri }, proxy) => {
      proxy.set('swallow')
      return { uri: through(uri, proxy), query: QUERY }
    },
  }
  test.each(Object.entries(stops))('%s', async (_, prepare) => {
    const services = await table()
    await using proxy = await TcpProxy.to(server().port)
    const options = await prepare(services, proxy)
    const stop = new AbortController()
    const sets = databaseProvider({ types: { page }, ...options }).discover(quietContext(stop.signal))
    const end = follow(sets)
    await sleep(400)
    const began = performance.now()
    stop.abort(new Error('stopped'))
    await end
    expect(performance.now() - began).toBeLessThan(1_000)
    await expect.poll(() => proxy.connections).toBe(0)
    const left = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'uptimeserver' AND state <> 'active'`
    await expect.poll(() => services.sql(left), { timeout: 5_000 }).toEqual([])
  })
})

async function follow(sets: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of sets);
  } catch {
    // That is another way to end.
  }
}
