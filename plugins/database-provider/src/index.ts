import { definePlugin, type Provider } from '@uptimeserver/core'
import { type DatabaseProviderOptions, schema } from './options.js'
import { DatabaseProvider } from './provider.js'

export type { DatabaseProviderOptions, MongoQuery, Row } from './options.js'

/**
 * Services from the rows of a query, over PostgreSQL or MongoDB. The set follows the rows: polled, and at once where the database
 * tells of changes.
 *
 * @throws (from the provider, which the runner starts again) `STORAGE_DRIVER` where the driver, `pg` or `mongodb`, is not installed
 *
 * @example
 * databaseProvider({
 *   uri: secret.env('DATABASE_URL'),
 *   query: 'SELECT type, name, url, options FROM services ORDER BY id',
 *   listen: 'services_changed',
 *   types: { http },
 * })
 */
export const databaseProvider = definePlugin<
  DatabaseProviderOptions,
  Provider,
  DatabaseProviderOptions,
  [options: DatabaseProviderOptions]
>({
  name: 'database-provider',
  schema,
  create: (options) => new DatabaseProvider(options),
})
