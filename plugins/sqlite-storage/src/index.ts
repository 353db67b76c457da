import { definePlugin, type Storage } from '@uptimeserver/core'
import * as v from 'valibot'
import { SqliteStorage } from './storage.js'

export interface SqliteStorageOptions {
  /** The file, relative to the config's folder. Default `uptime.db`. Created with mode 0600, with its folder. */
  readonly path?: string | undefined
}

const path = v.custom<string>(
  (value) => typeof value === 'string' && value.length > 0 && !value.includes('\0') && value !== ':memory:',
  'the path of a file',
)

/**
 * Keeps the record in a SQLite file: written by one process, read by as many as like, safe against `kill -9` and
 * power loss.
 *
 * @example
 * export default defineConfig({ storage: sqliteStorage({ path: 'data/uptime.db' }), services: [] })
 */
export const sqliteStorage = definePlugin<SqliteStorageOptions, Storage>({
  name: 'sqlite-storage',
  schema: v.strictObject({ path: v.optional(path) }),
  create: ({ path = 'uptime.db' }) => new SqliteStorage(path),
})
