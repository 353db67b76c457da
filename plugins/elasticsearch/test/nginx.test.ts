import { type ElasticsearchOptions, elasticsearch } from '@uptimeserver/elasticsearch'
import { describe, expect, test, vi } from 'vitest'
import { Authority, type CertificateOptions } from '../../../test/servers/certificates.js'
import { forAll } from '../../../test/servers/for-all.js'
import { type NginxOptions, obtainNginx, startNginx } from '../../../test/servers/nginx.js'
import { startOpenSearch } from '../../../test/servers/opensearch.js'
import { freePort } from '../../../test/servers/process.js'
import { TcpProxy } from '../../../test/servers/proxy.js'
import { checked } from '../../../test/support/checked.js'

vi.setConfig({ testTimeout: 60_000 })

const check = (options: ElasticsearchOptions, ms?: number) =>
  checked(elasticsearch({ name: 'it', ...options }), ms)

/** What its pages end with. */
const NGINX = 'nginx/[\\d.]+'

const cluster = forAll(async () => {
  await obtainNginx()
  return startOpenSearch({ mode: 'none' })
})
const inFront = (options: NginxOptions = {}) => startNginx({ upstream: cluster().url, ...options })
const said = (start: string) => expect.stringMatching(new RegExp(`^${start} ${NGINX}(\\s\\(\\w+\\))?$`))

describe('a cluster behind nginx that asks for a password', () => {
  const users = { monitoring: 'right' }
  const as = (secret: string) => ({ type: 'http', user: 'monitoring', secret }) as const

  test('is up with the right one', async () => {
    await using nginx = await inFront({ users })
    const { detail, reason } = await check({ hosts: nginx.url, auth: as('right'), level: 'green' })
    expect(reason).toBeUndefined()
    expect(detail).toMatchObject({ status: 'green', nodes: 1, version: 'opensearch 2.19.4' })
  })

  test('is down with another, which is never shown, and with none', async () => {
    await using nginx = await inFront({ users })
    const wrong = await check({ hosts: nginx.url, auth: as('hunter2') })
    const begin = 'not authenticated as user "monitoring" \\(401\\): Authorization Required'
    expect(wrong.reason).toEqual(said(begin))
    const sent = Buffer.from('monitoring:hunter2').toString('base64')
    for (const secret of ['hunter2', sent]) expect(JSON.stringify(wrong)).not.toContain(secret)
    const { reason } = await check({ hosts: nginx.url })
    expect(reason).toEqual(said('not authenticated as nobody \\(401\\): Authorization Required'))
  })
})

describe('a cluster behind nginx that speaks TLS', () => {
  const withCertificate = async (options?: CertificateOptions) => {
    const authority = await Authority.create('Our Authority')
    return { ca: authority.ca, nginx: await inFront({ tls: await authority.issue(options) }) }
  }

  test('is trusted by those who know its authority', async () => {
    const { ca, nginx } = await withCertificate()
    await using _ = nginx
    expect(await check({ hosts: nginx.url, tls: { ca } })).not.toHaveProperty('reason')
    expect((await check({ hosts: nginx.url })).reason).toMatch(
      /^the certificate's issuer \(Our Authority\) is not known/,
    )
  })

  test('is asked nothing before it is trusted', async () => {
    const authority = await Authority.create()
    await using behind = await TcpProxy.to(cluster().port)
    const upstream = `http://127.0.0.1:${behind.port}`
    await using nginx = await inFront({ upstream, tls: await authority.issue() })
    expect(await check({ hosts: nginx.url })).toHaveProperty('reason')
    expect(behind.accepted).toBe(0)
    expect(await check({ hosts: nginx.url, tls: { ca: authority.ca } })).not.toHaveProperty('reason')
    expect(behind.accepted).toBeGreaterThan(0)
  })

  test('is known by its name', async () => {
    const { ca, nginx } = await withCertificate({ names: ['search.example'] })
    await using _ = nginx
    const reasonFor = async (servername?: string) =>
      (await check({ hosts: nginx.url, tls: { ca, servername } })).reason
    expect(await reasonFor()).toBe('the certificate is for search.example, not for 127.0.0.1')
    expect(await reasonFor('other.example')).toBe(
      'the certificate is for search.example, not for other.example',
    )
    expect(await reasonFor('search.example')).toBeUndefined()
  })

  test('is down before its certificate is valid, and when that has expired', async () => {
    const late = await withCertificate({ from: -9, until: -3.5 })
    await using _ = late.nginx
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    expect((await check({ hosts: late.nginx.url, tls: { ca: late.ca } })).reason).toBe(
      `the certificate expired 3 days ago (on ${day(-3.5)})`,
    )
    const early = await withCertificate({ from: 2 })
    await using __ = early.nginx
    expect((await check({ hosts: early.nginx.url, tls: { ca: early.ca } })).reason).toBe(
      `the certificate is not valid before ${day(2)}`,
    )
  })

  test('says when it is asked without TLS, and it is said when there is none', async () => {
    const { nginx } = await withCertificate()
    await using _ = nginx
    const { reason } = await check({ hosts: `127.0.0.1:${nginx.port}` })
    expect(reason).toEqual(said('status 400: Bad Request The plain HTTP request was sent to HTTPS port'))
    await using plain = await inFront()
    expect((await check({ hosts: `127.0.0.1:${plain.port}`, ssl: true })).reason).toBe(
      'the server does not speak TLS on this port',
    )
  })
})

describe('a cluster behind nginx that wants a client certificate', () => {
  const clients = async () => {
    const authority = await Authority.create('Clients')
    const server = await Authority.create()
    const nginx = await inFront({ tls: await server.issue(), clientCa: authority.ca })
    const ask = (auth: ElasticsearchOptions['auth']) =>
      check({ hosts: nginx.url, auth, tls: { ca: server.ca } })
    return { nginx, authority, ask }
  }

  test('is up with one', async () => {
    const { nginx, authority, ask } = await clients()
    await using _ = nginx
    expect(await ask({ type: 'cert', ...(await authority.issue()) })).not.toHaveProperty('reason')
  })

  test('is down without', async () => {
    const { nginx, ask } = await clients()
    await using _ = nginx
    expect((await ask(undefined)).reason).toEqual(
      said('status 400: Bad Request No required SSL certificate was sent'),
    )
  })

  test('is down with one of another authority, and with one that has expired', async () => {
    const { nginx, authority, ask } = await clients()
    await using _ = nginx
    const other = await (await Authority.create('Clients')).issue()
    const old = await authority.issue({ from: -2, until: -1 })
    for (const certificate of [other, old])
      expect((await ask({ type: 'cert', ...certificate })).reason).toEqual(
        said('status 400: Bad Request The SSL certificate error'),
      )
  })
})

describe('a cluster behind nginx that is slow', () => {
  test.each([
    ['because the cluster is silent', 'hang', []],
    ['because it lets the answer through by drops', 'pass', ['limit_rate 20']],
  ] as const)('%s, is down in time, and the connection is closed', async (_, mode, directives) => {
    await using behind = await TcpProxy.to(cluster().port)
    behind.set(mode)
    await using nginx = await inFront({ upstream: `http://127.0.0.1:${behind.port}`, directives })
    await using front = await TcpProxy.to(nginx.port)
    const began = performance.now()
    const { reason } = await check({ hosts: `http://127.0.0.1:${front.port}` }, 700)
    expect(reason).toBe('timeout after 700ms: no answer')
    expect(performance.now() - began).toBeLessThan(3_000)
    expect([front.accepted, behind.accepted]).toEqual([1, 1])
    await expect.poll(() => front.connections + behind.connections).toBe(0)
    behind.set('pass')
  })
})

describe('behind nginx', () => {
  const reasonWith = async (options: NginxOptions, more?: object) => {
    await using nginx = await startNginx(options)
    return (await check({ hosts: nginx.url, ...more })).reason
  }

  test('that strips headers of its answers, a cluster is up', async () => {
    const directives = ['proxy_hide_header Content-Type', 'proxy_hide_header X-OpenSearch-Version']
    await using nginx = await inFront({ directives })
    expect(await check({ hosts: nginx.url })).toMatchObject({ detail: { version: 'opensearch 2.19.4' } })
  })

  test('under a path, a cluster is up only with that path', async () => {
    await using nginx = await inFront({ path: '/search/' })
    await cluster().request('PUT', '/orders', { settings: { number_of_replicas: 0 } })
    for (const hosts of [`${nginx.url}/search/`, `${nginx.url}/search`]) {
      const { detail, reason } = await check({ hosts, index: 'ord*,*ers', level: 'green' })
      expect(reason).toBeUndefined()
      expect(detail).toMatchObject({ status: 'green', version: 'opensearch 2.19.4' })
    }
    expect((await check({ hosts: nginx.url })).reason).toEqual(said('status 404: Not Found'))
  })

  test('a cluster that is not there is down', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`
    expect(await reasonWith({ upstream })).toEqual(said('status 502: Bad Gateway'))
  })

  test('what is no cluster is down, and what it says is shown', async () => {
    const page =
      '<html><head><title>Hi</title><style>p{}</style></head><body><h1>Welcome!</h1><p>It works.</p>'
    const saying = (text: string) => ({ directives: ['default_type text/html', `return 200 '${text}'`] })
    for (const level of ['ping', 'yellow'])
      expect(await reasonWith(saying(page), { level })).toBe('the answer is no JSON: Welcome! It works.')
    expect(await reasonWith(saying(''))).toBe('the answer is empty')
    for (const json of ['{"status":"ok"}', 'null', '"green"'])
      expect(await reasonWith(saying(json))).toBe(`the answer is not a cluster's health: ${json}`)
  })

  test('that sends elsewhere, a cluster is down, and it is said where that is', async () => {
    const to = (location: string) => ({ directives: [`return 302 '${location}'`] })
    expect(await reasonWith(to('https://login.example/start?state=secret'))).toBe(
      'redirected to https://login.example/start (302)',
    )
  })
})
