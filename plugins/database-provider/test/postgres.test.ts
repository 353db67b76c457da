import { type Discovery, secret } from '@uptimeserver/core'
import { databaseProvider, type Row } from '@uptimeserver/database-provider'
import { providerContract, quietContext } from '@uptimeserver/testing'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startPostgres } from '../../../test/servers/postgres.js'
import { Monitor, type Options } from './support/monitor.js'
import { closed, page } from './support/page.js'
import { QUERY, Table } from './support/table.js'

vi.setConfig({ testTimeout: 30_000 })

const server = forAll(startPostgres)
const table = (names?: readonly string[]) => Table.create(server(), names)
const monitor = ({ uri }: Table, options: Partial<Options> = {}) =>
  Monitor.start({ uri, query: QUERY, ...options })
const listening = { every: '1h', listen: 'services_changed' } as const

async function firstSet({ uri }: Table, options: Partial<Options>): Promise<Discovery> {
  const provider = databaseProvider({ uri, query: QUERY, types: { page }, ...options })
  for await (const set of provider.discover(quietContext())) return set
  throw new Error('there is no set')
}

describe('the contract', () => {
  providerContract(
    (name, body) => test(name, body, 30_000),
    async () => {
      const { uri } = await table(['shop', 'shop', 'blog'])
      return {
        create: () => databaseProvider({ uri, query: QUERY, types: { page }, listen: 'services_changed' }),
      }
    },
  )
})

test('what is added, changed and removed is monitored so after the next reading', async () => {
  const services = await table(['shop', 'blog'])
  await using seen = await monitor(services, { every: '1s' })
  await seen.shows(['blog', 'shop'])
  await services.sql(`
    INSERT INTO services (type, name, url) VALUES ('page', 'wiki', 'https://wiki.example');
    UPDATE services SET category = 'infra' WHERE name = 'shop';
    DELETE FROM services WHERE name = 'blog'`)
  await seen.shows(['shop', 'wiki'])
  await expect.poll(() => seen.categoryOf('shop'), { timeout: 3_000 }).toBe('infra')
  await services.sql('TRUNCATE services')
  await seen.shows([])
})

test('a NOTIFY takes effect within a second', async () => {
  const services = await table(['shop'])
  await using seen = await monitor(services, listening)
  await seen.shows(['shop'])
  for (const name of ['blog', 'wiki', 'mail']) {
    await services.add(name)
    await expect.poll(() => seen.names, { timeout: 1_000, interval: 10 }).toContain(name)
  }
  await services.sql(`DELETE FROM services WHERE name <> 'mail'`)
  await seen.shows(['mail'], 1_000)
})

test('a flood of NOTIFY lets the rows be read five times a second at most, and the last change is seen', async () => {
  const services = await table(['shop'])
  let reads = 0
  const row = ({ type, name, url }: Row) => {
    if (name === 'shop') reads++
    return { type, name, url }
  }
  await using seen = await monitor(services, { ...listening, row })
  await seen.shows(['shop'])
  const began = performance.now()
  await services.sql(`
    DO $$ BEGIN FOR n IN 1..100 LOOP
      PERFORM pg_notify('services_changed', n::text); COMMIT; PERFORM pg_sleep(0.01);
    END LOOP; END $$`)
  await services.add('last')
  await seen.shows(['last', 'shop'], 1_000)
  expect(reads).toBeGreaterThan(2)
  expect(reads).toBeLessThanOrEqual(2 + (performance.now() - began) / 200)
})

test('a row that is wrong is told with its number, its name and the reason, and the others go on', async () => {
  const services = await table(['shop', 'blog', 'wiki', 'mail'])
  await using seen = await monitor(services, listening)
  await seen.shows(['blog', 'mail', 'shop', 'wiki'])
  await services.sql(`
    UPDATE services SET type = 'pgae' WHERE name = 'blog';
    UPDATE services SET options = '{"retires": 3, "attempts": 0}' WHERE name = 'wiki';
    UPDATE services SET options = '[]' WHERE name = 'mail'`)
  await seen.shows(['shop'], 1_000)
  await expect
    .poll(() => seen.skipped.sort())
    .toEqual([
      'row 2 (name "blog"): type: found "pgae", expected one of page; did you mean page?',
      expect.stringMatching(
        /^row 3 \(name "wiki"\): attempts: found 0 \(number\), expected .*; retires: found an unknown option/,
      ),
      'row 4 (name "mail"): options: expected an object (a column of type json or jsonb)',
    ])
  await services.sql(`UPDATE services SET type = 'page', options = NULL`)
  await seen.shows(['blog', 'mail', 'shop', 'wiki'], 1_000)
  expect(seen.skipped).toEqual([])
})

test('when no row is a service any more the last set stays: the query is wrong, not all of them', async () => {
  const services = await table(['shop', 'blog'])
  await using seen = await monitor(services, listening)
  await seen.shows(['blog', 'shop'])
  await services.sql(`UPDATE services SET type = 'gone'`)
  expect(await seen.failure()).toMatch(
    /^none of the 2 rows is a service; row 1 \(name "shop"\): type: found "gone"/,
  )
  expect(seen.names).toEqual(['blog', 'shop'])
  await services.sql(`UPDATE services SET type = 'page'`)
  await seen.sight()
  expect(seen.removed).toEqual([])
})

test('of rows that are the same service the first counts, and the next one when it goes', async () => {
  const services = await table()
  await services.add('shop', 'https://first.example')
  await services.add('shop', 'https://second.example')
  await using seen = await monitor(services, listening)
  await seen.shows(['shop'])
  expect(seen.skipped).toEqual(['row 2 (name "shop"): row 1 (name "shop") is the same service'])
  await services.sql(`DELETE FROM services WHERE url = 'https://first.example'`)
  await expect.poll(() => closed).toContain('https://first.example')
  expect(seen.skipped).toEqual([])
  expect(seen.names).toEqual(['shop'])
  await services.sql(
    `INSERT INTO services (id, type, name, url) VALUES (0, 'page', 'shop', 'https://zeroth.example')`,
  )
  await expect.poll(() => closed).toContain('https://second.example')
  expect(closed).not.toContain('https://zeroth.example')
})

test('a service that gave way to an earlier row is never handed over again: it may be closed', async () => {
  const services = await table()
  await services.add('shop', 'https://second.example')
  const options = { uri: services.uri, query: QUERY, types: { page }, listen: 'services_changed' }
  const sets = databaseProvider(options).discover(quietContext())[Symbol.asyncIterator]()
  const next = async () => ((await sets.next()).value as Discovery).services
  const [second] = await next()
  await services.sql(
    `INSERT INTO services (id, type, name, url) VALUES (0, 'page', 'shop', 'https://first.example')`,
  )
  expect(await next()).not.toContain(second)
  await services.sql('DELETE FROM services WHERE id = 0')
  expect(await next()).not.toContain(second)
  await sets.return!()
})

test('columns become options: null is absent, options in JSON are spread, intervals and numbers are what they are', async () => {
  const services = await table()
  await services.sql(`
    INSERT INTO services (type, name, url, every, options) VALUES
      ('page', 'shop', 'https://shop.example', '1 day 00:00:05', '{"name": "other", "labels": {"team": "a"}, "ok": true}'),
      ('page', 'blog', 'https://blog.example', NULL, '{"key": {"secret": "key"}}')`)
  const query = `SELECT *, 3::bigint AS attempts, 99.5::numeric AS objective FROM (${QUERY}) AS s`
  const { services: all, skipped } = await firstSet(services, { query, secrets: { key: secret('k1') } })
  expect(skipped).toEqual([])
  expect(all).toMatchObject([
    { name: 'shop', labels: { team: 'a' }, timing: { every: 86_405_000, attempts: 3 }, objective: 99.5 },
    { name: 'blog', category: undefined, timing: { attempts: 3 } },
  ])
  expect(await all[1]!.check(quietContext())).toEqual({ url: 'https://blog.example', key: 'k1' })
})

test('a row may be mapped by the config, and what that does wrong harms that row alone', async () => {
  const services = await table(['shop', 'blog', 'wiki', 'mail', 'chat'])
  await using seen = await monitor(services, {
    query: 'SELECT name AS host FROM services ORDER BY id',
    row: ({ host }) => {
      if (host === 'blog') throw new Error('no blogs')
      if (host === 'wiki') return Promise.reject(new Error('late'))
      if (host === 'mail') return { type: 'page', name: 'mail', url: () => 'x' }
      if (host === 'chat') return undefined
      return { type: 'page', name: `${host}!`, url: `https://${host}.example` }
    },
  })
  await seen.shows(['shop!'])
  expect(seen.skipped).toEqual([
    `row 2: the config's row() failed: no blogs`,
    `row 3: the config's row() gave a promise, expected an entry`,
    'row 4: url: found a function, expected what JSON can hold',
    `row 5: found nothing, expected an object such as { type: 'http', … }`,
  ])
})

test('10,000 rows are read, and one that changes leaves the others as they are', async () => {
  const services = await table()
  await services.sql(`
    INSERT INTO services (type, name, url)
      SELECT 'page', 'p' || n, 'https://p' || n || '.example' FROM generate_series(1, 10000) AS n`)
  const provider = databaseProvider({ uri: services.uri, query: QUERY, types: { page }, ...listening })
  const sets = provider.discover(quietContext())[Symbol.asyncIterator]()
  const next = async () => ((await sets.next()).value as Discovery).services
  const before = await next()
  await services.sql(`UPDATE services SET category = 'infra' WHERE name = 'p5000'`)
  const began = performance.now()
  const after = await next()
  expect(performance.now() - began).toBeLessThan(3_000)
  await sets.return!()
  expect(after).toHaveLength(10_000)
  expect(after.filter((service, index) => service !== before[index]).map(({ name }) => name)).toEqual([
    'p5000',
  ])
})
