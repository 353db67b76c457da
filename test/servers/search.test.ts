import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Authority } from './certificates.js'
import { startElasticsearch } from './elasticsearch.js'
import { forAll } from './for-all.js'
import { startOpenSearch } from './opensearch.js'
import type { SearchServer } from './search-server.js'

const HEALTH = '/_cluster/health'

const SERVERS = [
  ['Elasticsearch', startElasticsearch, '8.8.2'],
  ['OpenSearch', startOpenSearch, '2.19.4'],
] as const

describe.each(SERVERS)('a real %s that knows nobody', (_, start, version) => {
  const server = forAll(() => start())

  test('is green as long as it is empty', async () => {
    await expect(server().request('GET', '/')).resolves.toMatchObject({ version: { number: version } })
    await expect(server().request('GET', HEALTH)).resolves.toMatchObject({ status: 'green' })
  })

  test('is yellow when a replica has no place, and red when nothing has', async () => {
    await server().request('PUT', '/replicated', settings({ number_of_replicas: 1 }))
    await expect(healthOf(server(), 'replicated')).resolves.toBe('yellow')
    const nowhere = { number_of_replicas: 0, 'routing.allocation.require._name': 'ghost' }
    await server().request('PUT', '/lost?wait_for_active_shards=0', settings(nowhere))
    await expect(healthOf(server(), 'lost')).resolves.toBe('red')
    await expect(server().request('GET', HEALTH)).resolves.toMatchObject({ status: 'red' })
  })

  test('still has what it was given after kill -9', async () => {
    await server().request('PUT', '/kept/_doc/1', { some: 'thing' })
    await server().kill()
    await expect(server().request('GET', '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server().restart()
    await healthOf(server(), 'kept')
    await expect(server().request('GET', '/kept/_doc/1')).resolves.toMatchObject({
      _source: { some: 'thing' },
    })
  })

  test('answers nobody while it is paused, and everybody afterwards', async () => {
    await server().pause()
    const answer = server().request('GET', '/')
    const first = await Promise.race([answer, sleep(500, 'silence')])
    server().resume()
    expect(first).toBe('silence')
    await expect(answer).resolves.toMatchObject({ version: { number: version } })
  })
})

describe.each(SERVERS)('a real %s that knows its users', (name, start) => {
  const server = forAll(() => start({ mode: 'basic' }))

  test('lets them in by their password, each as far as it may', async () => {
    const { users } = server()
    const ask = (user: object) => server().as(user)('GET', HEALTH)
    await expect(ask(users.monitor)).resolves.toMatchObject({ status: 'green' })
    await expect(ask(users.weak)).rejects.toMatchObject({ status: 403 })
    await expect(ask({ ...users.admin, password: 'wrong' })).rejects.toMatchObject({ status: 401 })
    await expect(ask({})).rejects.toMatchObject({ status: 401 })
    await expect(server().as(users.monitor)('PUT', '/any')).rejects.toMatchObject({ status: 403 })
  })

  test('lets them in by a token', async () => {
    const as = async (user: 'monitor' | 'weak') => {
      const authorization = `Bearer ${await server().tokenOf(user)}`
      return server().as({ authorization })('GET', HEALTH)
    }
    await expect(as('monitor')).resolves.toMatchObject({ status: 'green' })
    await expect(as('weak')).rejects.toMatchObject({ status: 403 })
  })

  if (name === 'Elasticsearch') test('lets them in by an API key', () => expectApiKey(server()))
})

describe.each(SERVERS)('a real %s over TLS', (name, start) => {
  const server = forAll(() => start({ mode: 'tls' }))

  test('is known to those who know its authority', async () => {
    await expect(server().request('GET', HEALTH)).resolves.toMatchObject({ status: 'green' })
    await expect(fetch(server().url)).rejects.toMatchObject({
      cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    })
  })

  test('lets users in by their certificate or password, each as far as it may', async () => {
    const { monitor, weak } = server().users
    await expect(server().as(monitor)('GET', HEALTH)).resolves.toMatchObject({ status: 'green' })
    await expect(server().as(weak)('GET', HEALTH)).rejects.toMatchObject({ status: 403 })
    const as = async (user: string) => server().as(await server().certificateOf(user))('GET', HEALTH)
    await expect(as('monitor')).resolves.toMatchObject({ status: 'green' })
    await expect(as('weak')).rejects.toMatchObject({ status: 403 })
  })

  if (name === 'Elasticsearch') test('lets them in by an API key', () => expectApiKey(server()))
})

describe.each(SERVERS)('a real %s that wants certificates', (_, start) => {
  const server = forAll(() => start({ mode: 'mtls' }))

  test('talks to those who have one of its authority, and nobody else', async () => {
    const { authority, users } = server()
    const ask = (credentials: object) => server().as({ ...users.monitor, ...credentials })('GET', HEALTH)
    await expect(ask(await server().certificateOf('monitor'))).resolves.toMatchObject({ status: 'green' })
    const stranger = await Authority.create('Test Authority')
    const others = [
      {},
      await stranger.issue({ names: ['monitor'] }),
      await authority!.issue({ names: ['monitor'], from: -2, until: -1 }),
    ]
    for (const other of others) await expect(ask(other)).rejects.not.toHaveProperty('status')
  })

  test('answers its administrator', async () => {
    await expect(server().request('PUT', '/any')).resolves.toMatchObject({ acknowledged: true })
  })
})

async function expectApiKey(server: SearchServer): Promise<void> {
  const role = { reader: { cluster: ['monitor'] } }
  const { encoded } = await server.request<{ encoded: string }>('POST', '/_security/api_key', {
    ...{ name: 'test', role_descriptors: role },
  })
  const asKey = server.as({ authorization: `ApiKey ${encoded}` })
  await expect(asKey('GET', HEALTH)).resolves.toHaveProperty('status')
  await expect(asKey('PUT', '/any')).rejects.toMatchObject({ status: 403 })
}

/** Its status, once its primary is where it can be; without a place for it, at once. */
async function healthOf(server: SearchServer, index: string): Promise<string> {
  const wait = index === 'lost' ? '' : '?wait_for_status=yellow'
  const { status } = await server.request<{ status: string }>('GET', `${HEALTH}/${index}${wait}`)
  return status
}

function settings(index: object) {
  return { settings: { index } }
}
