import type { Row } from '@uptimeserver/database-provider'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startPostgres } from '../../../test/servers/postgres.js'
import { Monitor, type Options } from './support/monitor.js'
import { QUERY, Table } from './support/table.js'

vi.setConfig({ testTimeout: 30_000 })

const server = forAll(() => startPostgres({ access: ['host all shop 127.0.0.1/32 scram-sha-256'] }))
const table = (names?: readonly string[]) => Table.create(server(), names)
const monitor = ({ uri }: Table, options: Partial<Options> = {}) =>
  Monitor.start({ uri, query: QUERY, ...options })
const listening = { every: '1h', listen: 'services_changed' } as const

test.each([
  `SELECT 'page' AS type, 'shop' AS name, 'https://shop.example' AS url`,
  `VALUES ('page', 'shop', 'https://shop.example')`,
  `WITH one AS (SELECT * FROM pages) SELECT * FROM one; -- with a comment`,
  'TABLE pages;',
])('what gives rows is a query: %s', async (query) => {
  const services = await table()
  await services.sql(`CREATE VIEW pages AS VALUES ('page', 'shop', 'https://shop.example')`)
  const row = (columns: Row) => {
    const [type, name, url] = Object.values(columns)
    return { type, name, url }
  }
  await using seen = await monitor(services, { query, row })
  await seen.shows(['shop'])
})

test('more rows than the limit are an error, and the last set stays', async () => {
  const services = await table(['shop', 'blog'])
  await using seen = await monitor(services, { ...listening, limit: 2 })
  await seen.shows(['blog', 'shop'])
  await services.sql(`
    INSERT INTO services (type, name, url) SELECT 'page', 'p' || n, 'https://p.example' FROM generate_series(1, 5000) AS n`)
  expect(await seen.failure()).toBe(
    'the query gives more than 2 rows; let it give fewer, or raise `limit` (100000 at most)',
  )
  expect(seen.names).toEqual(['blog', 'shop'])
})

describe('a query that cannot be run is told, and the last set stays', () => {
  test.each([
    [
      'a typing error',
      'SELEKT 1',
      /^the query cannot be run: syntax error at or near "SELEKT" \(at character 1\)$/,
    ],
    [
      'no such table',
      'SELECT * FROM nowhere',
      /^the query cannot be run: relation "nowhere" does not exist \(at character 15\)$/,
    ],
    [
      'two statements',
      'SELECT 1; DELETE FROM services',
      /^the query cannot be run: cannot insert multiple commands/,
    ],
    ['a statement that writes', 'DELETE FROM services RETURNING *', /^the query cannot be run: syntax error/],
    [
      'a function that writes',
      `SELECT setval('services_id_seq', 9)`,
      /^the query must only read: cannot execute setval/,
    ],
    ['one that takes too long', 'SELECT pg_sleep(60)', /^the query takes longer than 300ms$/],
  ])('%s', async (_, query, expected) => {
    const services = await table(['shop'])
    await using seen = await monitor(services, { query, timeout: '300ms' })
    expect(await seen.failure()).toMatch(expected)
    expect(await services.sql('SELECT count(*)::int AS n FROM services')).toEqual([{ n: 1 }])
  })

  test('a table that is renamed under it, and back', async () => {
    const services = await table(['shop'])
    await using seen = await monitor(services, { every: '1s' })
    await seen.shows(['shop'])
    await services.sql('ALTER TABLE services RENAME TO others')
    expect(await seen.failure()).toMatch(/relation "services" does not exist/)
    await services.sql(`ALTER TABLE others RENAME TO services`)
    await seen.sight()
    expect([seen.names, seen.removed]).toEqual([['shop'], []])
  })
})

test('rights that are missing are told with the mend, and credentials are never', async () => {
  const services = await table(['shop'])
  await services.sql(`CREATE ROLE shop LOGIN PASSWORD 'hunter2'`)
  const uri = services.uri.replace('postgres@', 'shop:hunter2@')
  await using seen = await monitor(services, { uri })
  expect(await seen.failure()).toBe(
    'permission denied for table services; GRANT the user SELECT on what the query reads',
  )
  await services.sql('GRANT SELECT ON services TO shop')
  await seen.sight()
  expect(seen.names).toEqual(['shop'])

  await using wrong = await monitor(services, { uri: uri.replace('hunter2', 'hunter3') })
  expect(await wrong.failure()).toBe('authentication failed: wrong user or password')
  await using none = await monitor(services, { uri: uri.replace(':hunter2', '') })
  expect(await none.failure()).toBe('the server wants a password, and the URI has none')
})

test('nothing is left open, neither of what was read nor of what was asked for in vain', async () => {
  const services = await table(['shop'])
  const connections = async () =>
    (
      await services.sql(
        `SELECT application_name AS name, state FROM pg_stat_activity WHERE datname = current_database()`,
      )
    ).filter(({ name }) => name === 'uptimeserver')
  {
    await using seen = await monitor(services, listening)
    await seen.shows(['shop'])
    expect(await connections()).toEqual([{ name: 'uptimeserver', state: 'idle' }])
    await using slow = await monitor(services, { query: 'SELECT pg_sleep(2)' })
    await expect.poll(connections).toHaveLength(2)
    expect(slow.names).toEqual([])
    const began = performance.now()
    await slow[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(1_000)
  }
  await expect.poll(connections, { timeout: 5_000 }).toEqual([])
})
