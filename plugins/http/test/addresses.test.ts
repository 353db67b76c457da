import { http } from '@uptimeserver/http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Authority, selfSigned } from '../../../test/servers/certificates.js'
import { freePort } from '../../../test/servers/process.js'
import { checked } from './support/check.js'
import { type DnsServer, serveDns } from './support/dns-server.js'
import { send } from './support/send.js'
import { blackHole, serve, serveTls } from './support/servers.js'

const SILENCE = 'needs Linux, whose full queues stay silent and whose loopback has many addresses'
const isLinux = process.platform === 'linux'

let dns: DnsServer

beforeAll(async () => {
  dns = await serveDns({
    'A first.example': ['127.0.0.1', '127.0.0.2'],
    'A second.example': ['127.0.0.2', '127.0.0.1'],
  })
})

afterAll(() => dns[Symbol.asyncDispose]())

for (const connection of ['new', 'reuse'] as const) {
  test(`${connection}: one of several addresses may take a second to connect`, async (context) => {
    if (!isLinux) context.skip(SILENCE)
    await using hole = await blackHole()
    setTimeout(() => hole.wake(), 500)
    const result = await checked(http(`http://any.localhost:${hole.port}/`, { connection }), '10s')
    expect(result).toMatchObject({ message: null, status: 'up' })
    expect(result.detail!.connectMs).toBeGreaterThan(400)
  })

  for (const name of ['first.example', 'second.example']) {
    test(`${connection}: an address that is silent does not hide another that answers (${name})`, async (context) => {
      if (!isLinux) context.skip(SILENCE)
      await using hole = await blackHole()
      await using server = await serve((_, response) => response.end('hello'), '127.0.0.2', hole.port)
      const started = performance.now()
      await using sent = send(connection, `http://${name}:${hole.port}/`, { servers: [dns.address] })
      expect((await sent.reply).body?.toString()).toBe('hello')
      expect(performance.now() - started).toBeLessThan(2_000)
      expect(server.connections).toBe(1)
    })
  }

  test(`${connection}: when all of them refuse, each is named`, async (context) => {
    if (!isLinux) context.skip(SILENCE)
    const port = await freePort()
    await using sent = send(connection, `http://first.example:${port}/`, { servers: [dns.address] })
    await expect(sent.reply).rejects.toMatchObject({
      errors: [{ address: '127.0.0.1' }, { address: '127.0.0.2' }],
    })
  })

  test(`${connection}: an address that hangs beside one that refuses ends at the deadline`, async (context) => {
    if (!isLinux) context.skip(SILENCE)
    await using hole = await blackHole()
    const result = await checked(http(`http://any.localhost:${hole.port}/`, { connection }), '700ms')
    expect(result.message).toBe(`timeout after 700ms while connecting to 127.0.0.1:${hole.port} and 1 more`)
    expect(result.took).toBeLessThan(2_000)
  })

  test(`${connection}: the certificate is judged whichever address was taken`, async () => {
    const authority = await Authority.create()
    const pem = await authority.issue({ names: ['any.localhost'] })
    const tls = { ca: authority.ca }
    await using good = await serveTls(pem, (_, response) => response.end('ok'))
    await using bad = await serveTls(await selfSigned(), (_, response) => response.end('ok'))
    expect(await checked(http(`https://any.localhost:${good.port}/`, { connection, tls }))).toMatchObject({
      message: null,
      detail: { status: 200, tlsMs: expect.any(Number) },
    })
    expect(await checked(http(`https://any.localhost:${bad.port}/`, { connection, tls }))).toMatchObject({
      message: 'the certificate is self-signed',
    })
    await expect.poll(() => good.open + bad.open).toBe(0)
  })
}
