import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseProvider } from '@uptimeserver/database-provider'
import { providerContract } from '@uptimeserver/testing'
import { type Collection, Decimal128, Long, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { TcpProxy } from '../../../test/servers/proxy.js'
import { Monitor, type Options } from './support/monitor.js'
import { page } from './support/page.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(() => startMongo())
const query = { collection: 'services' }
let client: MongoClient
let count = 0

beforeAll(() => {
  client = new MongoClient(server()?.url ?? 'mongodb://127.0.0.1')
})
afterAll(() => client.close())

interface Place {
  readonly uri: string
  readonly services: Collection
}

/** A database of its own, of a server that says it is a replica set. */
async function place(...names: readonly string[]): Promise<Place> {
  const name = `services_${++count}`
  const services = client.db(name).collection('services')
  if (names.length) await services.insertMany(names.map(documentOf))
  return { services, uri: `${server().url}/${name}?replicaSet=secantus` }
}

const documentOf = (name: string) => ({ type: 'page', name, url: `https://${name}.example` })
const monitor = ({ uri }: Place, options: Partial<Options> = {}) => Monitor.start({ uri, query, ...options })
const watching = { every: '1h', watch: true } as const

describe('the contract', () => {
  providerContract(
    (name, body) => test(name, body, 30_000),
    async () => {
      const { uri } = await place('shop', 'shop', 'blog')
      return { create: () => databaseProvider({ uri, query, types: { page }, watch: true }) }
    },
  )
})

test('documents that are added, changed and removed are monitored so after the next reading', async () => {
  const shops = await place('shop', 'blog')
  await using seen = await monitor(shops, { every: '1s' })
  await seen.shows(['blog', 'shop'])
  await shops.services.insertOne(documentOf('wiki'))
  await shops.services.updateOne({ name: 'shop' }, { $set: { category: 'infra' } })
  await shops.services.deleteOne({ name: 'blog' })
  await seen.shows(['shop', 'wiki'])
  await expect.poll(() => seen.categoryOf('shop'), { timeout: 3_000 }).toBe('infra')
  await shops.services.deleteMany({})
  await seen.shows([])
})

test('a change takes effect within a second by the change stream', async () => {
  const shops = await place('shop')
  await using seen = await monitor(shops, watching)
  await seen.shows(['shop'])
  // What happens before the stream is there is seen, too.
  await shops.services.insertOne(documentOf('early'))
  await seen.shows(['early', 'shop'], 3_000)
  for (const name of ['blog', 'wiki']) {
    await shops.services.insertOne(documentOf(name))
    await expect.poll(() => seen.names, { timeout: 1_000, interval: 10 }).toContain(name)
  }
  await shops.services.deleteMany({ name: { $ne: 'wiki' } })
  await seen.shows(['wiki'], 1_000)
})

test('a filter and a projection say what is read, values are what they are, and a wrong document harms itself alone', async () => {
  const shops = await place()
  await shops.services.insertMany([
    {
      ...documentOf('shop'),
      on: true,
      every: Long.fromNumber(5_000),
      objective: Decimal128.fromString('99.5'),
      category: null,
    },
    { ...documentOf('blog'), on: true, options: { labels: { team: 'a' }, name: 'other' } },
    { ...documentOf('wiki'), on: true, type: 'none' },
    { ...documentOf('mail'), on: true, url: Buffer.from('binary') },
    documentOf('off'),
  ])
  await using seen = await monitor(shops, {
    query: { collection: 'services', filter: { on: true }, projection: { on: 0 } },
  })
  await seen.shows(['blog', 'shop'])
  expect(seen.skipped).toEqual([
    'row 4 (name "mail"): url: found an object of Binary, expected what JSON can hold',
    'row 3 (name "wiki"): type: found "none", expected one of page',
  ])
})

test('without a change stream the documents are polled, and that is told', async () => {
  await using alone = await startMongo({ flags: ['--standalone'] })
  await using proxy = await TcpProxy.to(alone.port)
  const own = new MongoClient(alone.url)
  const services = own.db('shops').collection('services')
  await services.insertOne(documentOf('shop'))
  await using seen = await monitor(
    { uri: `mongodb://127.0.0.1:${proxy.port}/shops`, services },
    { ...watching, every: '1s' },
  )
  await seen.shows(['shop'])
  await expect
    .poll(() => seen.skipped)
    .toEqual([
      'change stream: The $changeStream stage is only supported on replica sets; the documents are polled',
    ])
  await services.insertOne(documentOf('blog'))
  await seen.shows(['blog', 'shop'])
  await own.close()
})

test('a collection that is not there is no empty one: the last set stays', async () => {
  const shops = await place('shop')
  await using seen = await monitor(shops, watching)
  await seen.shows(['shop'])
  await shops.services.drop()
  expect(await seen.failure()).toMatch(/^(the change stream ended|there is no collection)/)
  await expect
    .poll(() => seen.provider.error, { timeout: 5_000 })
    .toMatch(/^there is no collection services in/)
  expect(seen.names).toEqual(['shop'])
  await shops.services.insertOne(documentOf('shop'))
  await seen.sight()
  await shops.services.insertOne(documentOf('blog'))
  await seen.shows(['blog', 'shop'], 3_000)
  expect(seen.removed).toEqual([])
})

test('more documents than the limit are an error', async () => {
  const shops = await place('shop', 'blog', 'wiki')
  await using seen = await monitor(shops, { limit: 2 })
  expect(await seen.failure()).toMatch(/^the query gives more than 2 rows; /)
})

describe('the last set stays while the server is away, and is right again when it is back', () => {
  test.each([
    ['killed', () => server().kill(), () => server().restart()],
    ['frozen', () => server().pause(), async () => server().resume()],
  ] as const)('%s', async (_, leave, comeBack) => {
    const shops = await place('shop', 'blog')
    await using seen = await monitor(shops, { every: '1s', watch: true, timeout: '700ms' })
    await seen.shows(['blog', 'shop'])
    await leave()
    expect(await seen.failure(10_000)).toMatch(/ECONNREFUSED|no answer within|timed out|closed|ECONNRESET/)
    expect(seen.names).toEqual(['blog', 'shop'])
    await comeBack()
    await shops.services.insertOne(documentOf('wiki'))
    await shops.services.deleteOne({ name: 'blog' })
    await seen.shows(['shop', 'wiki'], 20_000)
    expect(seen.removed).toEqual(['blog'])
  })
})

test('it ends at once when it is stopped, also before a server that does not answer, and no connection stays', async () => {
  const shops = await place('shop')
  await using proxy = await TcpProxy.to(server().port)
  const uri = shops.uri
    .replace(String(server().port), String(proxy.port))
    .replace('replicaSet=secantus', 'directConnection=true')
  for (const mode of ['pass', 'hang'] as const) {
    proxy.set(mode)
    // A handshake is given up by the driver at its own timeout, whatever it is told.
    const seen = await Monitor.start({ uri, query, ...watching, timeout: '1s' })
    if (mode === 'pass') await seen.shows(['shop'])
    else await expect.poll(() => proxy.connections).toBeGreaterThan(0)
    const began = performance.now()
    await seen[Symbol.asyncDispose]()
    expect(performance.now() - began).toBeLessThan(1_500)
    await expect.poll(() => proxy.connections, { timeout: 3_000 }).toBe(0)
  }
})

describe('a server that wants a password', () => {
  let folder = ''
  afterAll(() => folder && rmSync(folder, { recursive: true }))
  const secure = forAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'uptime-database-mongo-'))
    await using open = await startMongo({ data: folder })
    const own = new MongoClient(open.url)
    await own.db('shops').collection('services').insertOne(documentOf('shop'))
    await own
      .db('admin')
      .command({ createUser: 'reader', pwd: 'hunter2', roles: [{ role: 'read', db: 'shops' }] })
    await own.close()
    await open.kill()
    return startMongo({ data: folder, flags: ['--auth'] })
  })
  const as = (userinfo: string, database: string) =>
    `${secure().url.replace('//', `//${userinfo}@`)}/${database}?authSource=admin&replicaSet=secantus`

  test('lets those in who may read, change stream included', async () => {
    await using seen = await Monitor.start({ uri: as('reader:hunter2', 'shops'), query, ...watching })
    await seen.shows(['shop'])
    expect(seen.skipped).toEqual([])
  })

  test('says what is wrong to others, and never shows what was tried', async () => {
    await using wrong = await Monitor.start({ uri: as('reader:hunter3', 'shops'), query })
    expect(await wrong.failure()).toBe('authentication failed: wrong user, password or authSource')
    await using other = await Monitor.start({ uri: as('reader:hunter2', 'other'), query })
    expect(await other.failure()).toMatch(
      /^the user may not read: .*; grant the role `read` on the database$/,
    )
  })
})
