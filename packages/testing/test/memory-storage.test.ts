import { test } from 'vitest'
import { MemoryPlace, memoryStorage, storageContract } from '../src/index.js'

storageContract(test, () => {
  const place = new MemoryPlace()
  return { create: () => memoryStorage(place) }
})
