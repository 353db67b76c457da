import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret } from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import { type MongoStorageOptions, mongoStorage } from '@uptimeserver/mongo-storage'
import { quietContext } from '@uptimeserver/testing'
import { MongoClient } from 'mongodb'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { openMongoPlace } from '../../../test/servers/mongo-place.js'
import { freePort } from '../../../test/servers/process.js'
import { batches, everything, openMongo } from './support/record.js'

vi.setConfig({ testTimeout: 60_000 })

const place = forAll(openMongoPlace)

/** What is in a database: its collections, documents and indexes. */
async function contentOf(db: string): Promise<object> {
  const database = place().client.db(db)
  const names = (await database.listCollections().toArray()).map(({ name }) => name).sort()
  const content: Record<string, unknown> = {}
  for (const name of names) {
    const collection = database.collection(name)
    content[name] = { documents: await collection.find().toArray(), indexes: await collection.indexes() }
  }
  return content
}

async function failureOf(options: Partial<MongoStorageOptions>, readOnly = false) {
  const storage = mongoStorage({ uri: place().url, ...options })
  expect(storage.problems ?? []).toEqual([])
  try {
    await storage.open(quietContext(), { monitor: 'default', readOnly })
    return undefined
  } catch (error) {
    return error as Error & { code: string }
  } finally {
    await storage.close()
  }
}

test('eight processes that begin at once on an empty database make one schema, and none complains', async () => {
  const db = place().freshDatabase()
  const jiti = join(import.meta.dirname, '../../../node_modules/jiti/lib/jiti-cli.mjs')
  const starter = join(import.meta.dirname, 'support', 'starter.ts')
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const child = spawn(process.execPath, [jiti, starter, place().url, db, String(n)])
      let said = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
      const [code] = await once(child, 'close')
      return [code, said]
    }),
  )
  expect(outcomes).toEqual(Array.from({ length: 8 }, () => [0, '']))
  const storage = await openMongo(place().url, db, true)
  const log = await all(storage.changes(0))
  expect(log.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect((await storage.services()).length).toBe(8)
  await storage.close()
  expect(await place().client.db(db).collection('uptime_downtimes').indexes()).toHaveLength(5)
  await place().drop(db)
})

describe('is refused, and changes nothing:', () => {
  test('a database that has collections of these names which are not ours', async () => {
    const db = place().freshDatabase()
    await place().client.db(db).collection('uptime_log').insertOne({ hello: 'world' })
    const before = await contentOf(db)
    for (const readOnly of [false, true]) {
      const error = await failureOf({ db }, readOnly)
      expect(error).toMatchObject({ code: 'STORAGE_FOREIGN' })
      expect(error!.message).toBe(
        `mongo-storage: the database ${db} has collections that are not ours (uptime_log); name another db or prefix`,
      )
    }
    expect(await contentOf(db)).toEqual(before)
    expect(await failureOf({ db, prefix: 'ours_' })).toBeUndefined()
    await place().drop(db)
  })

  test('one that a newer version has written', async () => {
    const db = place().freshDatabase()
    await (await openMongo(place().url, db)).close()
    await place()
      .client.db(db)
      .collection('uptime_meta')
      .updateOne({ program: 'uptimeserver' }, { $set: { version: 2 } })
    const before = await contentOf(db)
    for (const readOnly of [false, true])
      expect(await failureOf({ db }, readOnly)).toMatchObject({
        code: 'STORAGE_TOO_NEW',
        message: expect.stringContaining('(schema 2, this program knows 1); update it'),
      })
    expect(await contentOf(db)).toEqual(before)
    await place().drop(db)
  })

  test('a server that is not there, and a name that is none', async () => {
    const port = await freePort()
    expect(await failureOf({ uri: `mongodb://ops:hunter2@127.0.0.1:${port}` })).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: `mongo-storage: connect ECONNREFUSED 127.0.0.1:${port}`,
    })
    const { problems = [] } = mongoStorage({ uri: secret('hunter2') })
    expect(problems.map(({ path }) => path)).toEqual(['uri'])
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })

  test('a wrong password, and a user without the right to write', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'uptime-mongo-auth-'))
    const open = await startMongo({ data: folder })
    const client = new MongoClient(open.url)
    await client.db('admin').command({ createUser: 'root', pwd: 'secret', roles: ['root'] })
    await client
      .db('admin')
      .command({ createUser: 'guest', pwd: 'secret', roles: [{ role: 'read', db: 'uptime' }] })
    await client.close()
    await open.kill()
    await using server = await startMongo({ data: folder, flags: ['--auth'] })
    const as = (userinfo: string) => server.url.replace('//', `//${userinfo}@`)
    const wrong = await failureOf({ uri: as('root:hunter2') })
    expect(wrong).toMatchObject({ code: 'STORAGE_UNWRITABLE' })
    expect(wrong!.message).toBe(
      'mongo-storage: authentication failed: wrong user, password or authSource; look at the credentials in uri, and give the user readWrite on the database',
    )
    expect(await failureOf({ uri: server.url })).toMatchObject({
      code: 'STORAGE_UNWRITABLE',
      message: expect.stringContaining('the server wants a user and a password, and the URI has none'),
    })
    expect(await failureOf({ uri: as('guest:secret') })).toMatchObject({ code: 'STORAGE_UNWRITABLE' })
    const storage = await openMongo(as('root:secret'), 'uptime')
    for (const events of batches(3)) await storage.record(events)
    const reader = await openMongo(as('guest:secret'), 'uptime', true)
    expect(await everything(reader)).toEqual(await everything(storage))
    await Promise.all([reader.close(), storage.close()])
    rmSync(folder, { recursive: true, force: true })
  })
})

test.each([
  [{ uri: 'http://example.com' }, 'uri'],
  [{ uri: 'mongodb://a,b:0' }, 'uri'],
  [{ uri: 'mongodb+srv://a:27017' }, 'uri'],
  [{ uri: 'mongodb://user:p@ss@host' }, 'uri'],
  [{ db: 'a/b' }, 'db'],
  [{ prefix: '$x' }, 'prefix'],
  [{ writeConcern: 0 }, 'writeConcern'],
  [{ tls: { ca: 'no certificate' } }, 'tls.ca'],
])('%j is a problem of %s', (options, path) => {
  const { problems = [] } = mongoStorage({ uri: 'mongodb://a', ...options } as MongoStorageOptions)
  expect(problems.map((problem) => problem.path)).toEqual([path])
  expect(JSON.stringify(problems)).not.toContain('p@ss')
})
