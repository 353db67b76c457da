import { type ElasticsearchOptions, elasticsearch } from '@uptimeserver/elasticsearch'
import { describe, expect, test, vi } from 'vitest'
import { startElasticsearch } from '../../../test/servers/elasticsearch.js'
import { forAll } from '../../../test/servers/for-all.js'
import { TcpProxy } from '../../../test/servers/proxy.js'
import { checked } from '../../../test/support/checked.js'
import { expectOutagesToBeTold } from './support/outages.js'

vi.setConfig({ testTimeout: 60_000 })

const check = (options: ElasticsearchOptions, ms?: number) =>
  checked(elasticsearch({ name: 'it', ...options }), ms)

describe('a cluster that is open to everybody', () => {
  const server = forAll(() => startElasticsearch({ mode: 'none' }))
  const ask = (options = {}, ms?: number) => check({ hosts: server().url, ...options }, ms)
  const put = (path: string, body: object) => server().request('PUT', path, body)

  test('that is well is up, and says how it stands', async () => {
    expect(await ask({ level: 'green', minNodes: 1, maxPendingTasks: 100 })).toMatchObject({
      detail: {
        ...{ status: 'green', nodes: 1, unassigned: 0, activePercent: 100, version: '8.8.2' },
        ...{ host: `127.0.0.1:${server().port}`, latencyMs: expect.any(Number) },
      },
    })
    expect(await ask({ level: 'ping' })).toMatchObject({ detail: { version: '8.8.2' } })
    expect((await ask({ minNodes: 3 })).reason).toBe('1 node, 3 required')
  })

  test('is asked by name and port, too', async () => {
    expect(await check({ hosts: ['127.0.0.1'], port: server().port })).not.toHaveProperty('reason')
    expect(await check({ hosts: `127.0.0.1:${server().port}` })).not.toHaveProperty('reason')
  })

  test('with a replica that has no place is yellow, which is enough unless green is asked for', async () => {
    await put('/single', { settings: { number_of_shards: 1, number_of_replicas: 1 } })
    expect(await ask()).toMatchObject({ detail: { status: 'yellow', unassigned: 1, activePercent: 50 } })
    expect(await ask()).not.toHaveProperty('reason')
    expect((await ask({ level: 'green' })).reason).toBe('the cluster is yellow')
    expect((await ask({ level: 'green', index: 'single' })).reason).toBe('the index single is yellow')
    await server().request('DELETE', '/single')
  })

  test('with a primary that has no place is red, and names it', async () => {
    const settings = { 'index.routing.allocation.require._name': 'ghost', number_of_replicas: 0 }
    await put('/lost?wait_for_active_shards=0', { settings })
    await put('/fine', { settings: { number_of_replicas: 0 } })
    const reason = 'the cluster is red; unassigned primaries: lost[0] (INDEX_CREATED)'
    expect(await ask()).toMatchObject({ reason, detail: { status: 'red' } })
    for (const options of [{ level: 'ping' }, { level: 'ping', minNodes: 1 }])
      expect(await ask(options)).not.toHaveProperty('reason')
    expect(await ask({ index: 'fine' })).not.toHaveProperty('reason')
    expect((await ask({ index: 'lo*' })).reason).toMatch(
      /^the index lo\* is red; unassigned primaries: lost\[0\]/,
    )
    for (const index of ['lost', 'fine']) await server().request('DELETE', `/${index}`)
  })

  test.each(['nothing', 'nothing-*', 'fine,nothing'])('without the index %s is down', async (index) => {
    await put('/fine', { settings: { number_of_replicas: 0 } })
    const { reason } = await ask({ index })
    expect(reason).toBe(`the index ${index} is not there, or has no shards yet`)
    expect(await ask({ index: 'fi*' })).not.toHaveProperty('reason')
    await server().request('DELETE', '/fine')
  })

  test('whose master has more to do than it may is down', async () => {
    const change = (_: unknown, n: number) =>
      put('/_cluster/settings', { persistent: { [`cluster.metadata.n${n}`]: n } })
    const changes = Promise.all(Array.from({ length: 100 }, change))
    await expect
      .poll(async () => (await ask({ maxPendingTasks: 0 })).reason, { interval: 1, timeout: 5_000 })
      .toMatch(/^(1 task waits|\d+ tasks wait) for the master, expected 0 at most$/)
    await changes
    expect(await ask({ maxPendingTasks: 0 })).not.toHaveProperty('reason')
  })

  test('that is frozen, killed and there again each time, is told in time', () =>
    expectOutagesToBeTold(server(), ask))

  describe('asked through three hosts', () => {
    const ALL = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [bits & 1, bits & 2, bits & 4].map(Boolean))
    const cases = ALL.flatMap((ups) => (['any', 'all', 2] as const).map((require) => ({ ups, require })))
    const needed = { any: 1, all: 3, 2: 2 }

    test.each(cases)('of which $ups are up, is judged by $require', async ({ ups, require }) => {
      const proxies = await Promise.all(ups.map(() => TcpProxy.to(server().port)))
      for (const [index, proxy] of proxies.entries()) if (!ups[index]) proxy.set('reset')
      const hosts = proxies.map(({ port }) => `http://127.0.0.1:${port}`)
      const { reason, detail } = await check({ hosts, require })
      const well = ups.filter(Boolean).length
      const down = proxies.flatMap(({ port }, index) => (ups[index] ? [] : [`127.0.0.1:${port}`]))
      expect(reason === undefined).toBe(well >= needed[require])
      if (down.length) expect(detail).toMatchObject({ failed: down })
      if (well && reason) expect(reason).toMatch(`${well} of 3 hosts do well, ${needed[require]} required; `)
      if (well && reason) for (const host of down) expect(reason).toContain(host)
      await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()))
    })

    test('of which one hangs, is not waited for', async () => {
      await using hanging = await TcpProxy.to(server().port)
      hanging.set('hang')
      const hosts = [`http://127.0.0.1:${hanging.port}`, server().url]
      const began = performance.now()
      const { detail, reason } = await check({ hosts })
      expect(reason).toBeUndefined()
      expect(detail).toMatchObject({ failed: [`127.0.0.1:${hanging.port}`] })
      expect(performance.now() - began).toBeLessThan(2_000)
      hanging.set('pass')
    })
  })
})

describe('a cluster that knows its users', () => {
  const server = forAll(() => startElasticsearch({ mode: 'tls' }))
  const ask = (auth?: ElasticsearchOptions['auth'], options = {}) =>
    check({ hosts: server().url, tls: { ca: server().ca! }, ...(auth && { auth }), ...options })
  const as = (user: string, secret = `${user}-pass`) => ask({ type: 'http', user, secret })

  test('lets in who may see how it is', async () => {
    expect(await as('monitor')).not.toHaveProperty('reason')
    expect(await as('admin')).not.toHaveProperty('reason')
  })

  test('says whom it did not let in, and never with which secret', async () => {
    expect((await as('monitor', 'hunter2')).reason).toMatch(
      /^not authenticated as user "monitor" \(401\): security_exception: /,
    )
    expect((await as('monitor', 'hunter2')).reason).not.toContain('hunter2')
    expect((await as('weak')).reason).toMatch(
      /^not allowed as user "weak" \(403\): .*cluster:monitor\/health/,
    )
    expect((await ask()).reason).toMatch(/^not authenticated as nobody \(401\)/)
    expect((await as('')).reason).toMatch(/^not authenticated as nobody \(401\)/)
  })

  test('takes API keys, by their parts and as a whole', async () => {
    const role = { monitoring: { cluster: ['monitor'] } }
    const key = await server().request<{ id: string; api_key: string; encoded: string }>(
      ...(['POST', '/_security/api_key', { name: 'uptime', role_descriptors: role }] as const),
    )
    expect(await ask({ type: 'apiKey', encoded: key.encoded })).not.toHaveProperty('reason')
    expect(await ask({ type: 'apiKey', id: key.id, secret: key.api_key })).not.toHaveProperty('reason')
    expect((await ask({ type: 'apiKey', id: key.id, secret: 'hunter2' })).reason).toMatch(
      `not authenticated with API key "${key.id}" (401)`,
    )
  })

  test('takes a bearer token', async () => {
    const grant = { grant_type: 'password', ...server().users.monitor }
    const { access_token: token } = await server().request<{ access_token: string }>(
      'POST',
      '/_security/oauth2/token',
      grant,
    )
    expect(await ask({ type: 'bearer', token })).not.toHaveProperty('reason')
    expect((await ask({ type: 'bearer', token: 'hunter2' })).reason).toMatch(
      /^not authenticated with a bearer token \(401\)/,
    )
  })

  test('takes a client certificate', async () => {
    const certificate = await server().certificateOf('monitor')
    expect(await ask({ type: 'cert', ...certificate })).not.toHaveProperty('reason')
  })

  test('is trusted only with its authority, and by its name', async () => {
    const auth = { type: 'http', user: 'monitor', secret: 'monitor-pass' } as const
    const hosts = server().url
    expect((await check({ hosts, auth })).reason).toMatch(
      /^the certificate's issuer .* is not (known|trusted)|is not known/,
    )
    const tls = { ca: server().ca!, servername: 'elsewhere.example' }
    expect((await check({ hosts, auth, tls })).reason).toMatch(/^the certificate is for /)
    expect(await check({ hosts, auth, tls: { insecure: true } })).not.toHaveProperty('reason')
  })
})
