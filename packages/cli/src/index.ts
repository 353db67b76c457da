export * from '@uptimeserver/core'
export * from '@uptimeserver/http'
export * from '@uptimeserver/sqlite-storage'
// With a default storage, where core's own has none.
export { createRunner } from './default-storage.js'
