import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Authority } from '../../../test/servers/certificates.js'
import { forAll } from '../../../test/servers/for-all.js'
import { startPostgres } from '../../../test/servers/postgres.js'
import { Monitor, type Options } from './support/monitor.js'

const folder = mkdtempSync(join(tmpdir(), 'uptime-database-tls-'))
const caFile = join(folder, 'ca.pem')
afterAll(() => rmSync(folder, { recursive: true }))

const server = forAll(async () => {
  const authority = await Authority.create()
  const tls = await authority.issue({ names: ['db.example', '127.0.0.1'] })
  writeFileSync(caFile, authority.ca)
  const started = await startPostgres({ tls, access: ['hostnossl all shop all reject'] })
  await started.sql(started.url, 'CREATE ROLE shop LOGIN')
  return Object.assign(started, { ca: authority.ca, other: (await Authority.create('Other')).ca })
})

const query = `SELECT 'page' AS type, 'shop' AS name, 'https://shop.example' AS url`
const uri = (host: string, words = '') => `postgres://shop@${host}:${server().port}/postgres${words}`
const monitor = (options: Partial<Options>) => Monitor.start({ uri: uri('127.0.0.1'), query, ...options })

test('the URI says how it is reached over TLS, or `tls` does', async () => {
  const ways: readonly Partial<Options>[] = [
    { uri: uri('127.0.0.1', `?sslmode=verify-full&sslrootcert=${caFile}`) },
    { uri: uri('127.0.0.1', '?sslmode=no-verify') },
    { tls: { ca: server().ca } },
    { tls: { insecure: true } },
    { uri: uri('localhost'), tls: { ca: server().ca, servername: 'db.example' } },
  ]
  for (const way of ways) {
    await using seen = await monitor(way)
    await seen.shows(['shop'])
  }
})

test('a certificate that will not do is told, and so is a server that wants TLS', async () => {
  const wrong: readonly (readonly [Partial<Options>, RegExp])[] = [
    [{}, /^authentication failed: pg_hba.conf rejects connection/],
    [{ tls: {} }, /^the certificate's issuer is not known/],
    [{ tls: { ca: server().other } }, /^the certificate's issuer is not known/],
    [
      { uri: uri('localhost'), tls: { ca: server().ca } },
      /^the certificate is for db\.example, 127\.0\.0\.1, not for localhost$/,
    ],
    [
      { tls: { ca: server().ca, servername: 'other.example' } },
      /^the certificate is for db\.example, 127\.0\.0\.1, not for/,
    ],
  ]
  for (const [way, expected] of wrong) {
    await using seen = await monitor(way)
    expect(await seen.failure()).toMatch(expected)
  }
})
