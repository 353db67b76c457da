import { type Duration, definePlugin, type Secret, type Storage, type TlsOptions } from '@uptimeserver/core'
import { durationBetween, tlsOptions } from '@uptimeserver/core/kit'
import { mongoUri } from '@uptimeserver/mongo/client'
import * as v from 'valibot'
import { MongoStorage } from './storage.js'

export interface MongoStorageOptions {
  /** `mongodb://…` or `mongodb+srv://…`, with the credentials in it; better as a secret. */
  readonly uri: string | Secret
  /** The database. Default: the one that the URI names, or `uptime`. */
  readonly db?: string | undefined
  /** What the names of its collections begin with. Default `uptime_`. */
  readonly prefix?: string | undefined
  /** How many members must have a fact before it counts as stored. Default `'majority'`. */
  readonly writeConcern?: 'majority' | number | undefined
  /**
   * How long downtimes, gaps, maintenance, runs and the log are kept once they are summarised: `'2y'`. Figures are kept for ever, and
   * so is whatever a running period may still need. Default: for ever.
   */
  readonly retain?: Duration | undefined
  readonly tls?: TlsOptions | undefined
}

/** https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
const databaseName = v.custom<string>(
  (value) => typeof value === 'string' && /^[^/\\. "$*<>:|?\0]{1,63}$/.test(value),
  'a name of 1 to 63 characters without / \\ . space " $ * < > : | ?',
)
const prefix = v.custom<string>(
  (value) =>
    typeof value === 'string' && /^[a-z][a-z0-9_.-]{0,39}$/i.test(value) && !value.startsWith('system.'),
  'up to 40 letters, digits, dots, dashes and underscores, a letter first',
)
const writeConcern = v.custom<'majority' | number>(
  (value) =>
    value === 'majority' || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 50),
  `'majority', or a number of members from 1 to 50`,
)

/**
 * Keeps the record in MongoDB 5.0 or later: a replica set or a single server, without transactions.
 *
 * @example
 * export default defineConfig({ storage: mongoStorage({ uri: secret.env('MONGO_URI'), db: 'uptime' }), services: [] })
 */
export const mongoStorage = definePlugin<MongoStorageOptions, Storage>({
  name: 'mongo-storage',
  schema: v.strictObject({
    uri: mongoUri,
    db: v.optional(databaseName),
    prefix: v.optional(prefix),
    writeConcern: v.optional(writeConcern),
    retain: v.optional(durationBetween('1d', '100y')),
    tls: v.optional(tlsOptions),
  }),
  create: (options) => new MongoStorage(options),
})
