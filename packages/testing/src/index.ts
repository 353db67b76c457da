export { type ConsolidatorFixture, consolidatorContract } from './contracts/consolidator.js'
export { quietContext } from './contracts/context.js'
export type { TestFunction } from './contracts/contract.js'
export { type LeaseFixture, leaseContract } from './contracts/lease.js'
export { type ProviderFixture, providerContract } from './contracts/provider.js'
export { type ServiceFixture, serviceContract } from './contracts/service.js'
export { type StorageFixture, storageContract } from './contracts/storage.js'
export { FakeClock, settle } from './fake-clock.js'
export { type Fault, type FlakyStorage, flakyStorage } from './flaky-storage.js'
export { type MemoryDisk, memoryDisk } from './memory-disk.js'
export { MemoryPlace, memoryStorage } from './memory-storage.js'
export {
  type Act,
  type ScriptedOptions,
  type ScriptedProvider,
  type ScriptedService,
  scriptedProvider,
  scriptedService,
} from './scripted.js'
