import { generateKeyPairSync } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { secret } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { expect, test } from 'vitest'
import { Authority, selfSigned } from '../../../test/servers/certificates.js'
import { checked } from './support/check.js'
import { send } from './support/send.js'
import { serve, serveTls } from './support/servers.js'

const LOCAL = ['127.0.0.1', 'localhost', 'any.localhost']

/** An encrypted key, as `openssl genpkey` makes it. */
const encrypted = (passphrase: string) =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase },
  }).privateKey

function problemsOf(options: Parameters<typeof http>[1]) {
  return http('https://shop.example', options).problems ?? []
}

test('a header value that cannot be sent is a mistake in the config, told without it', () => {
  for (const value of ['hunter2\n', 'hunter2\r\nx: y', 'hunter2\u0000', 'hunter2€']) {
    const problems = problemsOf({ headers: { 'x-key': value } })
    expect(problems).toMatchObject([
      {
        path: 'headers.x-key',
        expected: 'a value without a line break, a control character or one beyond Latin-1',
      },
    ])
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  }
  expect(problemsOf({ headers: { 'x-a': 'grün, \t and blue' } })).toEqual([])
})

test('certificates and keys that cannot be read are mistakes in the config, told without them', async () => {
  const authority = await Authority.create()
  const { cert, key } = await authority.issue()
  const certificates = `certificates in PEM: their text, or secret.file('path')`
  const pem = `a key in PEM that its passphrase opens: its text, or secret.file('path')`
  const garbled = cert.replace(/[A-Za-z0-9+/]{20}/, 'hunter2hunter2hunter2')
  for (const [tls, path, expected] of [
    [{ ca: './hunter2.pem' }, 'tls.ca', certificates],
    [{ cert: garbled, key }, 'tls.cert', certificates],
    [{ ca: `${cert}\n${garbled}` }, 'tls.ca', certificates],
    [{ cert, key: 'hunter2' }, 'tls.key', pem],
    [{ cert, key: encrypted('hunter2') }, 'tls.key', pem],
    [{ cert, key: encrypted('hunter2'), passphrase: 'hunter3' }, 'tls.key', pem],
  ] as const) {
    const problems = problemsOf({ tls })
    expect(problems).toMatchObject([{ path, expected }])
    expect(JSON.stringify(problems)).not.toMatch(/hunter|BEGIN/)
  }
  expect(problemsOf({ tls: { ca: `# ours\n${authority.ca}\n${cert}`, cert, key } })).toEqual([])
  expect(problemsOf({ tls: { cert, key: encrypted('hunter2'), passphrase: 'hunter2' } })).toEqual([])
  expect(problemsOf({ tls: { cert, key: encrypted('hunter2'), passphrase: secret('?') } })).toEqual([])
})

for (const connection of ['new', 'reuse'] as const) {
  test(`${connection}: what is found out while it is sent fails the exchange and nobody else`, async () => {
    const ok: RequestListener = (_, response) => response.end()
    await using plain = await serve(ok)
    await using secure = await serveTls(await selfSigned(), ok)
    for (const { url } of [plain, secure]) {
      for (const host of LOCAL) {
        const there = url.replace('127.0.0.1', host)
        await using sent = send(connection, there, { headers: ['x-key', 'hunter2\n'] })
        await expect(sent.reply).rejects.toThrow(
          /^invalid x-key header|^Invalid character in header content/i,
        )
      }
    }
    await expect.poll(() => plain.open + secure.open).toBe(0)
  })

  test(`${connection}: a secret that cannot be sent as a header is the check's failure, told without it`, async () => {
    await using server = await serve((_, response) => response.end())
    for (const host of LOCAL) {
      for (const value of ['hunter2\nx: y', 'hunter2€']) {
        const headers = { authorization: secret(value) }
        const { message } = await checked(http(`http://${host}:${server.port}`, { connection, headers }))
        expect(message).toBe(
          'header authorization cannot be sent: its value has a line break, a control character or one beyond Latin-1',
        )
      }
    }
    expect(server.connections).toBe(0)
  })

  test(`${connection}: a secret that is no certificate or key is the check's failure, told without it`, async () => {
    const authority = await Authority.create()
    const { cert, key } = await authority.issue()
    await using server = await serveTls({ cert, key }, (_, response) => response.end())
    for (const host of LOCAL) {
      const told = async (tls: object) =>
        (await checked(http(`https://${host}:${server.port}`, { connection, tls }))).message
      expect(await told({ ca: secret('hunter2') })).toBe(
        'tls.ca holds no certificates in PEM that can be read',
      )
      expect(await told({ cert: secret('hunter2'), key })).toBe(
        'tls.cert holds no certificate in PEM that can be read',
      )
      const unreadable = 'tls.key holds no private key in PEM that can be read with tls.passphrase'
      expect(await told({ cert, key: secret('hunter2') })).toBe(unreadable)
      expect(await told({ cert, key: encrypted('a'), passphrase: secret('hunter2') })).toBe(unreadable)
    }
  })
}
