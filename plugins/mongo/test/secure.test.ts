import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret } from '@uptimeserver/core'
import { type MongoOptions, mongo } from '@uptimeserver/mongo'
import { quietContext } from '@uptimeserver/testing'
import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { Authority, type Pem } from '../../../test/servers/certificates.js'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'

vi.setConfig({ testTimeout: 60_000 })

/** Why a check fails; nothing when it does not. */
async function reasonOf(uri: string, options: MongoOptions = {}): Promise<string | undefined> {
  const service = mongo(uri, { name: 'it', ...options })
  try {
    await service.check(quietContext(AbortSignal.timeout(10_000)))
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    await service.close?.()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'uptime-mongo-secure-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a server that wants a password', () => {
  const server = forAll(async () => {
    const data = join(folder, 'auth')
    await using open = await startMongo({ data })
    const client = new MongoClient(open.url)
    await client.db('admin').command({ createUser: 'ops', pwd: 'p@ss:w/rd', roles: ['root'] })
    await client.close()
    await open.kill()
    return startMongo({ data, flags: ['--auth'] })
  })

  const as = (userinfo: string) => server().url.replace('//', `//${userinfo}@`)

  test('is up for who knows it', async () => {
    expect(await reasonOf(as('ops:p%40ss%3Aw%2Frd'), { require: 'primary' })).toBeUndefined()
    expect(await reasonOf(as('ops:p%40ss%3Aw%2Frd'), { require: 'majority' })).toBeUndefined()
  })

  test('says so to who does not, and never shows what was tried', async () => {
    for (const require of ['any', 'primary', 'majority'] as const) {
      const reason = await reasonOf(as('ops:hunter2'), { require })
      expect(reason).toBe('authentication failed: wrong user, password or authSource')
    }
    expect(await reasonOf(as('nobody:hunter2'))).toBe(
      'authentication failed: wrong user, password or authSource',
    )
  })

  test('refuses a secret that is no URI without repeating it', () => {
    for (const text of ['hunter2', 'mongodb://ops:p@ss:hunter2@host', 'mongodb://ops:p/hunter2@host']) {
      const { problems = [] } = mongo(secret(text), { name: 'it' })
      expect(problems.map(({ path }) => path)).toEqual(['uri'])
      expect(JSON.stringify(problems)).not.toContain('hunter2')
      if (text.includes('@'))
        expect(problems[0]!.expected).toMatch(/percent-encode @, : and \/ in user and password$/)
    }
  })

  test('is up for who does not log in: a ping asks for no password', async () => {
    expect(await reasonOf(server().url)).toBeUndefined()
  })
})

describe('a server that speaks TLS and wants a client certificate', () => {
  let authority: Authority
  let good: Pem
  let expired: Pem
  let stranger: Pem
  const server = forAll(async () => {
    authority = await Authority.create()
    const own = await authority.issue({ names: ['localhost'] })
    good = await authority.issue({ names: ['client'] })
    expired = await authority.issue({ names: ['client'], from: -10, until: -1 })
    stranger = await (await Authority.create('Somebody Else')).issue({ names: ['client'] })
    const files = { key: own.cert + own.key, ca: authority.ca }
    for (const [name, text] of Object.entries({ ...files, cert: own.cert, plain: own.key }))
      writeFileSync(join(folder, `${name}.pem`), text)
    const file = (name: string) => join(folder, `${name}.pem`)
    return startMongo({
      tls: true,
      flags: [
        ...['--tls-cert-file', file('cert'), '--tls-key-file', file('plain')],
        ...['--tls-ca-file', file('ca'), '--tls-require-client-cert'],
      ],
    })
  })

  const at = (host: string) => `mongodb://${host}:${server().port}/?directConnection=true`
  const reason = (host: string, tls: MongoOptions['tls']) => reasonOf(at(host), { tls })

  test('is up for who has one', async () => {
    expect(await reason('localhost', { ca: authority.ca, ...good })).toBeUndefined()
    expect(await reason('127.0.0.1', { ca: authority.ca, ...good, servername: 'localhost' })).toBeUndefined()
    expect(await reason('127.0.0.1', { ...good, insecure: true })).toBeUndefined()
  })

  test.each([
    [
      'it is for another name',
      '127.0.0.1',
      () => ({ ca: authority.ca, ...good }),
      'the certificate is for localhost, not for 127.0.0.1',
    ],
    [
      'nobody trusts who signed it',
      'localhost',
      () => ({ ...good }),
      /issuer .*is not (known|trusted)|not trusted/,
    ],
    [
      'ours is missing',
      'localhost',
      () => ({ ca: authority.ca }),
      'the server wants a client certificate, and there is none',
    ],
    [
      'ours has expired',
      'localhost',
      () => ({ ca: authority.ca, ...expired }),
      'the server says that the client certificate has expired',
    ],
    [
      'ours is a stranger’s',
      'localhost',
      () => ({ ca: authority.ca, ...stranger }),
      'the server does not know who signed the client certificate',
    ],
  ])('says what is wrong with a certificate: %s', async (_, host, tls, expected) => {
    const told = await reason(host, tls())
    expect(told).toMatch(expected)
    expect(told).not.toMatch(/OPENSSL|ssl3_|:error:/i)
  })
})

test('a name that does not exist, and an SRV record that does not, are told as such', async () => {
  expect(await reasonOf('mongodb://nowhere.invalid')).toMatch(/ENOTFOUND nowhere\.invalid|EAI_AGAIN/)
  expect(await reasonOf('mongodb+srv://nowhere.invalid')).toMatch(
    /SRV record _mongodb\._tcp\.nowhere\.invalid/,
  )
})
