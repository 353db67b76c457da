import { mongoStorage } from '@uptimeserver/mongo-storage'
import { storageContract } from '@uptimeserver/testing'
import { afterAll, beforeAll, test, vi } from 'vitest'
import { type MongoPlace, openMongoPlace } from '../../../test/servers/mongo-place.js'

// Ten thousand facts at once take their time where two processors are shared with everything else.
vi.setConfig({ testTimeout: 60_000 })

let place: MongoPlace
beforeAll(async () => {
  place = await openMongoPlace()
}, 120_000)
afterAll(() => place[Symbol.asyncDispose]())

storageContract(test, () => {
  const db = place.freshDatabase()
  return { create: () => mongoStorage({ uri: place.url, db }), dispose: () => place.drop(db) }
})
