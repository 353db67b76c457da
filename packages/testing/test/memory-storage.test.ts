import { describe, test } from 'vitest'
import { MemoryPlace, memoryStorage, storageContract } from '../src/index.js'

storageContract(test, () => {
  const place = new MemoryPlace()
  return { create: () => memoryStorage(place) }
})

describe('that forgets what it may', () => {
  storageContract(test, () => {
    const place = new MemoryPlace()
    return { create: () => memoryStorage(place, { forgetful: true }) }
  })
})
