import { definePlugin, type Secret, type ServiceOptions } from '@uptimeserver/core'
import { type CheckOptions, type MongoOptions, schema } from './options.js'
import { MongoCheck } from './service.js'

export type { MongoOptions, ReadPreference, Requirement } from './options.js'

/**
 * Checks a MongoDB server or replica set: up while the required share of it answers `ping` before the deadline.
 *
 * @param uri mongodb:// or mongodb+srv://, with the credentials in it; better as a secret. Never shown
 *
 * @example
 * mongo(secret.env('ORDERS_URI'), { name: 'orders', require: 'majority', maxReplicationLag: '30s', every: '15s' })
 */
export const mongo = definePlugin<
  CheckOptions,
  unknown,
  [uri: string | Secret, options?: MongoOptions & ServiceOptions]
>({
  kind: 'mongo',
  schema,
  args: (uri, options) => ({ uri, ...options }),
  create: (options) => new MongoCheck(options),
})
