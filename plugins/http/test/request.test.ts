import type { IncomingMessage } from 'node:http'
import { secret } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { expect, test } from 'vitest'
import { checked } from './support/check.js'
import { type Listening, serve } from './support/servers.js'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server that remembers what it was sent. */
async function remembering(
  respond: (url: string) => [number, Record<string, string>?, string?] = () => [200],
) {
  const seen: Seen[] = []
  const server = await serve(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method, url, headers } = request
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
    const [status, reply = {}, body = ''] = respond(url ?? '')
    response.writeHead(status, reply).end(body)
  })
  return Object.assign(server, { seen })
}

for (const connection of ['new', 'reuse'] as const) {
  test(`${connection}: method, path, headers and body are sent as they are configured`, async () => {
    await using server = await remembering()
    const options = {
      connection,
      method: 'POST',
      headers: { ApiKey: secret('k'), 'x-a': 'b' },
      body: 'grüße',
    }
    expect(await checked(http(`${server.url}/a/b?c=d#e`, options))).toMatchObject({ status: 'up' })
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        url: '/a/b?c=d',
        body: 'grüße',
        headers: {
          apikey: 'k',
          'x-a': 'b',
          host: `127.0.0.1:${server.port}`,
          'content-length': '7',
          accept: '*/*',
          'user-agent': 'uptimeserver',
        },
      },
    ])
  })

  test(`${connection}: a user in the URL is sent as basic authentication and shown nowhere`, async () => {
    await using server = await remembering()
    const service = http(`http://us%40er:pa%3Ass@127.0.0.1:${server.port}/x`, { connection })
    await checked(service)
    expect(server.seen[0]!.headers.authorization).toBe(
      `Basic ${Buffer.from('us@er:pa:ss').toString('base64')}`,
    )
    expect(service.name).toBe(`http://127.0.0.1:${server.port}/x`)
  })

  test(`${connection}: a user in the URL stays with its origin, whatever a redirect there is called`, async () => {
    await using other = await remembering(() => [302, { location: `${home()}/c` }])
    const follow: Record<string, string> = { '/a': '/b', '/b': '//home/b2', '/b2': '//other/' }
    await using server = await remembering((url) => {
      const location = follow[url]?.replace('//home', home()).replace('//other', other.url)
      return location ? [302, { location }] : [200]
    })
    function home(): string {
      return server.url
    }
    await checked(http(`http://user:pass@127.0.0.1:${server.port}/a`, { connection }))
    const basic = `Basic ${btoa('user:pass')}`
    expect(server.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/a', basic],
      ['/b', basic],
      ['/b2', basic],
      ['/c', basic],
    ])
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  test(`${connection}: a percent sign in the URL's password may stand for itself`, async () => {
    await using server = await remembering()
    for (const [userinfo, pair] of [
      ['u:100%', 'u:100%'],
      ['u:%41%zz', 'u:A%zz'],
      [':p', ':p'],
    ]) {
      await checked(http(`http://${userinfo}@127.0.0.1:${server.port}/`, { connection }))
      expect(server.seen.pop()?.headers.authorization).toBe(`Basic ${btoa(pair!)}`)
    }
  })

  test(`${connection}: headers that are configured replace our own`, async () => {
    await using server = await remembering()
    await checked(
      http(server.url, {
        connection,
        headers: { Host: 'other.example', 'User-Agent': 'me', Accept: 'text/html' },
      }),
    )
    expect(server.seen[0]!.headers).toMatchObject({
      host: 'other.example',
      'user-agent': 'me',
      accept: 'text/html',
    })
  })

  test(`${connection}: redirects are followed, with what their status says of method and body`, async () => {
    await using server = await remembering((url) =>
      url === '/end' ? [200] : [Number(url.slice(1)), { location: '/end' }],
    )
    for (const [status, method, body] of [
      [301, 'GET', ''],
      [302, 'GET', ''],
      [303, 'GET', ''],
      [307, 'POST', 'x'],
      [308, 'POST', 'x'],
    ] as const) {
      server.seen.length = 0
      const result = await checked(http(`${server.url}/${status}`, { connection, method: 'POST', body: 'x' }))
      expect(result).toMatchObject({ status: 'up', detail: { status: 200, redirects: 1 } })
      expect(server.seen[1]).toMatchObject({ method, body, url: '/end' })
    }
  })

  test(`${connection}: a redirect to another origin gets none of the configured headers`, async () => {
    await using other = await remembering()
    await using server = await remembering(() => [302, { location: `${other.url}/there` }])
    const options = { connection, headers: { apikey: 'k', authorization: 'Bearer t', cookie: 'c' } }
    await checked(http(`http://user:pass@127.0.0.1:${server.port}/`, options))
    expect(server.seen[0]!.headers).toMatchObject({ apikey: 'k', authorization: 'Bearer t' })
    expect(Object.keys(other.seen[0]!.headers).sort()).toEqual(['accept', 'connection', 'host', 'user-agent'])
  })

  test(`${connection}: a redirect back to the first origin gets them again`, async () => {
    const ports: { first: Listening | undefined } = { first: undefined }
    await using other = await remembering(() => [302, { location: `${ports.first!.url}/end` }])
    await using server = await remembering((url) => (url === '/end' ? [200] : [302, { location: other.url }]))
    ports.first = server
    await checked(http(server.url, { connection, headers: { apikey: 'k' } }))
    expect([server.seen[0], other.seen[0], server.seen[1]].map((seen) => seen!.headers.apikey)).toEqual([
      'k',
      undefined,
      'k',
    ])
  })

  test(`${connection}: a body is never sent on to another origin`, async () => {
    await using other = await remembering()
    await using server = await remembering(() => [307, { location: other.url }])
    const { message } = await checked(http(server.url, { connection, method: 'POST', body: 'secret' }))
    expect(message).toBe(`redirect 307 to ${other.url} refused: it would send the body to another origin`)
    expect(other.seen).toEqual([])
  })

  test(`${connection}: redirects end somewhere`, async () => {
    await using server = await remembering(() => [302, { location: '/again' }])
    expect((await checked(http(server.url, { connection }))).message).toBe(
      `more than 5 redirects, the last to ${server.url}/again`,
    )
    expect(server.seen).toHaveLength(6)
    expect((await checked(http(server.url, { connection, redirects: 2 }))).message).toMatch(
      /^more than 2 redirects/,
    )
    expect((await checked(http(server.url, { connection, redirects: 0 }))).message).toBe(
      'status 302, expected 2xx',
    )
    expect((await checked(http(server.url, { connection, expect: { status: 302 } }))).status).toBe('up')
  })

  for (const location of [
    'file:///etc/passwd',
    'ftp://example.com/',
    'javascript:alert(1)',
    'data:text/plain,x',
  ]) {
    test(`${connection}: a redirect to ${location.split(':')[0]}: is refused`, async () => {
      await using server = await remembering(() => [302, { location }])
      expect((await checked(http(server.url, { connection }))).message).toBe(
        `redirect to ${location} refused: only http: and https: are followed`,
      )
    })
  }

  test(`${connection}: a redirect to what is no URL is told`, async () => {
    await using server = await remembering(() => [302, { location: 'http://[' }])
    expect((await checked(http(server.url, { connection }))).message).toBe(
      'redirect to http://[, which is no URL',
    )
  })

  test(`${connection}: the phases are timed`, async () => {
    await using server = await serve((_, response) => {
      setTimeout(() => {
        response.write('a')
        setTimeout(() => response.end('b'), 60)
      }, 90)
    })
    const { detail } = await checked(http(server.url, { connection }))
    expect(detail).toMatchObject({ status: 200 })
    expect(detail!.firstByteMs).toBeGreaterThan(80)
    expect(detail!.bodyMs).toBeGreaterThan(50)
    expect(detail!.connectMs).toBeLessThan(80)
  })

  test(`${connection}: localhost means this machine, in the family that is asked for`, async () => {
    await using four = await remembering()
    await using six = await remembering().catch(() => remembering())
    void six
    expect(await checked(http(`http://localhost:${four.port}/`, { connection }))).toMatchObject({
      status: 'up',
    })
    expect(await checked(http(`http://localhost:${four.port}/`, { connection, family: 4 }))).toMatchObject({
      status: 'up',
    })
    const { message } = await checked(http(`http://localhost:${four.port}/`, { connection, family: 6 }))
    expect(message).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH/)
  })
}

test('new: every check connects anew; reuse: the connection is kept', async () => {
  await using server = await serve((_, response) => response.end('x'))
  const signal = new AbortController().signal
  const fresh = http(server.url)
  const kept = http(server.url, { connection: 'reuse' })
  const context = { signal } as never
  for (let n = 0; n < 3; n++) await fresh.check(context)
  expect(server.connections).toBe(3)
  for (let n = 0; n < 3; n++) await kept.check(context)
  expect(server.connections).toBe(4)
  await kept.close?.()
  await expect.poll(() => server.open).toBe(0)
})

test('reuse: a connection that the server has closed meanwhile is no failure', async () => {
  await using server = await serve((_, response) => response.end('x'))
  const service = http(server.url, { connection: 'reuse' })
  const context = { signal: new AbortController().signal } as never
  await service.check(context)
  await server.closeConnections()
  await service.check(context)
  expect(server.connections).toBe(2)
  await service.close?.()
})

test('reuse: a connection that comes back after the service was closed is not kept', async () => {
  let answer: (() => void) | undefined
  await using server = await serve((_, response) => {
    answer = () => response.end('x')
  })
  const service = http(server.url, { connection: 'reuse' })
  const check = service.check({ signal: new AbortController().signal } as never)
  await expect.poll(() => answer).toBeDefined()
  await service.close?.()
  answer!()
  await check
  await expect.poll(() => server.open).toBe(0)
})

test('an IPv6 address is taken from its brackets', async ({ skip }) => {
  const server = await serve((_, response) => response.end('x'), '::1').catch(() => undefined)
  if (!server) return skip('this machine has no IPv6')
  expect(await checked(http(server.url))).toMatchObject({ status: 'up' })
  await server[Symbol.asyncDispose]()
})
