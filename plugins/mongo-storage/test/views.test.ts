import type { Event } from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { openMongoPlace } from '../../../test/servers/mongo-place.js'
import { batches, everything, inMemory, openMongo, T0 } from './support/record.js'

vi.setConfig({ testTimeout: 120_000 })

const place = forAll(openMongoPlace)

const facts = batches(12)
const VIEWS = ['services', 'downtimes', 'gaps', 'runs', 'maintenance'] as const

type Content = Map<string, { _id: unknown }>

async function viewsOf(db: string): Promise<Map<string, Content>> {
  const views = VIEWS.map(async (view): Promise<[string, Content]> => {
    const documents = await place().client.db(db).collection(`uptime_${view}`).find().toArray()
    return [view, new Map(documents.map((document) => [String(document._id), document]))]
  })
  return new Map(await Promise.all(views))
}

/** A database as a crash left it in the middle of the last batch: any of its effects may be missing. */
async function crashed(count: number, isMissing: () => boolean): Promise<string> {
  const db = place().freshDatabase()
  const storage = await openMongo(place().url, db)
  for (const events of facts.slice(0, count - 1)) await storage.record(events)
  const before = await viewsOf(db)
  await storage.record(facts[count - 1]!)
  await storage.close()
  const database = place().client.db(db)
  await database.collection('uptime_meta').updateOne({ seq: { $gt: 0 } }, { $set: { seq: count - 1 } })
  for (const [view, after] of await viewsOf(db)) {
    const collection = database.collection(`uptime_${view}`)
    // First what is taken back is out of the way of what is put back.
    const undone = [...after.keys()].filter(() => isMissing())
    await collection.deleteMany({ _id: { $in: undone as never[] } })
    for (const id of undone) {
      const document = before.get(view)!.get(id)
      if (!document) continue
      // One that is open again beside its successor never was: ends are written before what they make room for.
      await collection.insertOne(document as never).catch(async (error: { code?: number }) => {
        if (error.code !== 11_000) throw error
        await collection.insertOne(after.get(id) as never)
      })
    }
  }
  return db
}

describe('views that lag behind the log after a crash', () => {
  test.each(['who reads', 'who writes'])('are completed by %s next', async (who) => {
    const seed = Date.now()
    const random = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { numRuns: 2_000, seed })
    for (let count = 1; count <= facts.length; count++) {
      const db = await crashed(count, () => random.pop()! < 0.6)
      const storage = await openMongo(place().url, db, who === 'who reads')
      const last: Event[] = [
        { type: 'correction', id: 'k', at: T0, downtime: 'd5', exclude: true, reason: 'x', author: 'y' },
      ]
      if (who === 'who writes') await storage.record(last)
      const stated = [...facts.slice(0, count), ...(who === 'who writes' ? [last] : [])]
      expect(await everything(storage), `seed ${seed}, ${count}`).toEqual(
        await everything(await inMemory(stated)),
      )
      await storage.close()
      await place().drop(db)
    }
  })

  test('are not changed by entries that are applied once more, and late', async () => {
    const db = await crashed(facts.length, () => false)
    await place()
      .client.db(db)
      .collection('uptime_meta')
      .updateOne({ seq: { $gt: 0 } }, { $set: { seq: 0 } })
    const storage = await openMongo(place().url, db, true)
    expect(await everything(storage)).toEqual(await everything(await inMemory(facts)))
    await storage.close()
    await place().drop(db)
  })
})

test('names that look like operators are names, wherever they are asked for', async () => {
  const db = place().freshDatabase()
  const storage = await openMongo(place().url, db)
  for (const events of facts.slice(0, 3)) await storage.record(events)
  for (const odd of ['$ne', '', '.', '{"$gt":""}', 'a.b', '\u0000']) {
    const query = { ids: [odd], services: [odd] }
    expect(await all(storage.downtimes(query))).toEqual([])
    expect(await all(storage.gaps({ services: [odd] }))).toEqual([])
    expect(await all(storage.maintenance({ ids: [odd] }))).toEqual([])
    expect(await all(storage.summaries({ prefix: odd === '' ? '$' : odd }))).toEqual([])
    expect(await storage.services({ ids: [odd] })).toEqual([])
  }
  const object = { $gt: '' } as unknown as string
  for (const query of [{ ids: [object] }, { services: [object] }])
    expect(await all(storage.downtimes(query)).catch(() => [])).toEqual([])
  await storage.close()
  await place().drop(db)
})

test('a database that is dropped under its writer: he is told, and what comes then is as in a new one', async () => {
  const db = place().freshDatabase()
  const storage = await openMongo(place().url, db)
  const indexes = async () => {
    const collections = await place().client.db(db).collections()
    const all = await Promise.all(collections.map(async (one) => [one.collectionName, await one.indexes()]))
    return new Map(all as [string, object[]][])
  }
  for (const events of facts.slice(0, 5)) await storage.record(events)
  const before = await indexes()
  await place().client.db(db).dropDatabase()
  // A monitor publishes every second, and looks after its lease.
  await storage.publish([{ key: 'monitor', at: T0, body: {} }])
  expect(await storage.leases!.read()).toBeUndefined()
  await expect(storage.record(facts[5]!, { after: 5 })).rejects.toMatchObject({ code: 'RECORD_LOST' })
  expect(await storage.cursor()).toBe(0)
  await storage.publish([{ key: 'monitor', at: T0, body: null }])
  for (const events of facts) await storage.record(events)
  expect(await everything(storage)).toEqual(await everything(await inMemory(facts)))
  expect(await indexes()).toEqual(before)
  await storage.close()
  await (await openMongo(place().url, db)).close()
  await place().drop(db)
})
