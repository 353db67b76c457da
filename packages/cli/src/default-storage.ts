import {
  type Config,
  type ConfigInput,
  createRunner as createCoreRunner,
  type Runner,
  type RunnerOptions,
} from '@uptimeserver/core'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'

/**
 * Makes a runner, as `@uptimeserver/core` does; where the config names no storage, outages are kept in the SQLite
 * file `uptime.db`, and what waits for a storage in the folder `uptime.journal`.
 *
 * @example
 * await using runner = createRunner({ services: [http('https://example.com', { name: 'shop' })] })
 * await runner.start()
 */
export function createRunner(config: ConfigInput, options?: RunnerOptions): Runner {
  return createCoreRunner(withDefaultStorage(config), options)
}

/** The same config, with a storage. What is no config is left as it is, for `resolveConfig` to say so. */
export function withDefaultStorage(config: ConfigInput): ConfigInput {
  if (typeof config === 'function') return async () => withStorage(await config())
  return config instanceof Promise ? config.then(withStorage) : withStorage(config)
}

function withStorage(config: Config): Config {
  if (!isObject(config)) return config
  const journal = isObject(config.journal) ? { ...DEFAULT_JOURNAL, ...config.journal } : config.journal
  const storage = config.storage === undefined ? sqliteStorage() : config.storage
  return { ...config, storage, journal: journal ?? DEFAULT_JOURNAL }
}

const DEFAULT_JOURNAL = { folder: 'uptime.journal' }

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
