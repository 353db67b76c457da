import { all } from '@uptimeserver/core/kit'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { quietContext } from '@uptimeserver/testing'
import { MongoClient } from 'mongodb'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { batches, everything, inMemory, openMongo } from './support/record.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(() => startMongo({ flags: ['--enable-test-commands'] }))

/** Makes the server refuse the next inserts as one does that is not primary any more. */
async function refuse(times: number, errorCode = 10107): Promise<void> {
  const data = { failCommands: ['insert'], errorCode, errorLabels: ['RetryableWriteError'] }
  const client = new MongoClient(server().url)
  await client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times }, data })
  await client.close()
}

const facts = batches(4)

test.each([
  [10107, 'NotWritablePrimary'],
  [189, 'PrimarySteppedDown'],
  [91, 'ShutdownInProgress'],
])('%i (%s) is retried once, as the specification has it, and told when it stays', async (code, name) => {
  const storage = await openMongo(server().url, `elections_${code}`)
  await storage.record(facts[0]!)
  await refuse(1, code)
  expect(await storage.record(facts[1]!), name).toBe(2)
  await refuse(10, code)
  await expect(storage.record(facts[2]!)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
  await refuse(0, code)
  expect(await all(storage.changes(0))).toHaveLength(2)
  expect(await storage.record(facts[2]!)).toBe(3)
  expect(await everything(storage)).toEqual(await everything(await inMemory(facts.slice(0, 3))))
  await storage.close()
})

test('a write that fewer members have than it must have reached is not recorded', async () => {
  const storage = mongoStorage({ uri: server().url, db: 'concern', writeConcern: 3 })
  const opened = storage.open(quietContext(), { monitor: 'default' }).then(() => storage.record(facts[0]!))
  await expect(opened).rejects.toMatchObject({ code: expect.stringMatching(/^STORAGE_/) })
  await storage.close()
})

test('a server that was ended in order and comes back is found again, by who writes and by who only reads', async () => {
  await using alone = await startMongo()
  const uri = `${alone.url}/?replicaSet=secantus`
  const storage = await openMongo(uri, 'restarted')
  const reader = await openMongo(uri, 'restarted', true)
  await storage.record(facts[0]!)
  await alone.stop()
  await expect(storage.record(facts[1]!)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
  await expect(reader.cursor()).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
  await alone.restart()
  expect(await storage.record(facts[1]!)).toBe(2)
  expect(await everything(storage)).toEqual(await everything(await inMemory(facts.slice(0, 2))))
  expect(await reader.cursor()).toBe(2)
  await Promise.all([storage.close(), reader.close()])
})
