import { mongoStorage } from '@uptimeserver/mongo-storage'
import { storageContract } from '@uptimeserver/testing'
import { describe, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { openMongoPlace } from '../../../test/servers/mongo-place.js'

// Ten thousand facts at once take their time where two processors are shared with everything else.
vi.setConfig({ testTimeout: 60_000 })

const place = forAll(openMongoPlace)

describe('that forgets what it may', () => {
  storageContract(test, () => {
    const db = place().freshDatabase()
    const create = () => mongoStorage({ uri: place().url, db, retain: '1d' })
    return { create, dispose: () => place().drop(db) }
  })
})

storageContract(test, () => {
  const db = place().freshDatabase()
  return { create: () => mongoStorage({ uri: place().url, db }), dispose: () => place().drop(db) }
})
