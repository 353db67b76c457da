import { secret } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { beforeAll, expect, test } from 'vitest'
import { Authority, type Pem, selfSigned } from '../../../test/servers/certificates.js'
import { checked } from './support/check.js'
import { serve, serveTls } from './support/servers.js'

let authority: Authority
let good: Pem
let tls: { ca: string }

beforeAll(async () => {
  authority = await Authority.create()
  good = await authority.issue()
  tls = { ca: authority.ca }
})

const ok: Parameters<typeof serveTls>[1] = (_, response) => response.end('ok')

for (const connection of ['new', 'reuse'] as const) {
  test(`${connection}: a certificate of a trusted authority for the right host`, async () => {
    await using server = await serveTls(good, ok)
    for (const host of ['127.0.0.1', 'localhost']) {
      const result = await checked(http(`https://${host}:${server.port}`, { connection, tls }))
      expect(result).toMatchObject({ status: 'up', detail: { status: 200 } })
      expect(result.detail!.tlsMs).toBeGreaterThan(0)
    }
  })

  test(`${connection}: an authority that is not trusted`, async () => {
    await using server = await serveTls(good, ok)
    expect((await checked(http(server.url, { connection }))).message).toMatch(
      /^the certificate's issuer \(Test Authority\) is not known/,
    )
  })

  test(`${connection}: self-signed`, async () => {
    await using server = await serveTls(await selfSigned(), ok)
    expect((await checked(http(server.url, { connection }))).message).toBe('the certificate is self-signed')
  })

  test(`${connection}: expired`, async () => {
    await using server = await serveTls(await authority.issue({ from: -30, until: -3.5 }), ok)
    const date = new Date(Date.now() - 3.5 * 86_400_000).toISOString().slice(0, 10)
    expect((await checked(http(server.url, { connection, tls }))).message).toBe(
      `the certificate expired 3 days ago (on ${date})`,
    )
  })

  test(`${connection}: not valid yet`, async () => {
    await using server = await serveTls(await authority.issue({ from: 5, until: 30 }), ok)
    expect((await checked(http(server.url, { connection, tls }))).message).toMatch(
      /^the certificate is not valid before \d{4}-/,
    )
  })

  test(`${connection}: for another host`, async () => {
    await using server = await serveTls(
      await authority.issue({ names: ['shop.example', 'www.shop.example'] }),
      ok,
    )
    expect((await checked(http(`https://localhost:${server.port}`, { connection, tls }))).message).toBe(
      'the certificate is for shop.example, www.shop.example, not for localhost',
    )
    const servername = { connection, tls: { ...tls, servername: 'www.shop.example' } }
    expect(await checked(http(server.url, servername))).toMatchObject({ status: 'up' })
  })

  test(`${connection}: insecure accepts anything, and says so only because it was told to`, async () => {
    await using server = await serveTls(await selfSigned({ until: -1, from: -9, names: ['other'] }), ok)
    expect(await checked(http(server.url, { connection, tls: { insecure: true } }))).toMatchObject({
      status: 'up',
    })
  })

  test(`${connection}: nothing is sent before the certificate has been judged`, async () => {
    let requests = 0
    await using server = await serveTls(await selfSigned(), (_, response) => {
      requests++
      response.end()
    })
    await checked(http(server.url, { connection, headers: { apikey: 'k' } }))
    expect(requests).toBe(0)
  })

  test(`${connection}: days left`, async () => {
    await using server = await serveTls(await authority.issue({ until: 6.5 }), ok)
    const expecting = (certificateDays: number) =>
      checked(http(server.url, { connection, tls, expect: { certificateDays } }))
    expect((await expecting(14)).message).toBe('certificate expires in 6 days, expected at least 14')
    expect(await expecting(6)).toMatchObject({ status: 'up', detail: { certificateDays: 6 } })
  })

  test(`${connection}: a client certificate, where the server wants one`, async () => {
    const client = await authority.issue({ names: ['client'] })
    await using server = await serveTls(
      { ...good, ca: authority.ca, requestCert: true, rejectUnauthorized: true },
      ok,
    )
    const own = { ...tls, cert: client.cert, key: secret(client.key) }
    expect(await checked(http(server.url, { connection, tls: own }))).toMatchObject({ status: 'up' })
    const { status, message } = await checked(http(server.url, { connection, tls }))
    expect(status).toBe('down')
    expect(message).toMatch(/wants a client certificate|ECONNRESET|closed/i)
  })
}

test('a server that speaks no TLS', async () => {
  await using server = await serve((_, response) => response.end())
  const { message } = await checked(http(`https://127.0.0.1:${server.port}`))
  expect(message).toBe('the server does not speak TLS on this port')
})

test('a certificate where there is none to ask for', async () => {
  await using server = await serve((_, response) => response.end())
  const { message } = await checked(http(server.url, { expect: { certificateDays: 14 } }))
  expect(message).toBe('no certificate (the URL is not https), expected one for at least 14 days')
})

test('a client key that does not fit is told as such', async () => {
  await using server = await serveTls(good, ok)
  const other = await authority.issue()
  const { status, message } = await checked(
    http(server.url, { tls: { ...tls, cert: good.cert, key: other.key } }),
  )
  expect(status).toBe('down')
  expect(message).toMatch(/key values mismatch/i)
})
