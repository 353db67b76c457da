import {
  messageOf,
  type OpenOptions,
  type Reader,
  type ResolvedConfig,
  type Storage,
  systemClock,
  UptimeError,
} from '@uptimeserver/core'
import { loadResolved } from './load-config.js'
import { warn } from './output.js'
import { patiently, waitFor } from './patience.js'

/** What a storage may take to close, in ms. */
const CLOSE = 5_000

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** Opens the config's storage for reading, does something with it, and closes it. Creates nothing. */
export async function withReader<T>(
  named: string | undefined,
  work: (reader: Reader, config: ResolvedConfig) => Promise<T>,
): Promise<T> {
  const { config, folder } = await loadResolved(named)
  const storage = config.storage as Storage
  return using(storage, { monitor: config.monitor, readOnly: true, folder }, () =>
    waitFor(`reading from ${storage.name}`, work(storage, config)),
  )
}

/** The same for writing, beside a running monitor or without one. Where nothing is on record yet, nothing is created. */
export async function withWriter<T>(
  named: string | undefined,
  work: (storage: Storage, config: ResolvedConfig) => Promise<T>,
): Promise<T> {
  const { config, folder } = await loadResolved(named)
  const storage = config.storage as Storage
  const options = { monitor: config.monitor, folder }
  const last = await using(storage, { ...options, readOnly: true }, () =>
    waitFor(`reading from ${storage.name}`, storage.cursor()),
  )
  if (!last)
    throw new UptimeError('NOT_FOUND', `nothing is on record yet: \`uptime\` has not run with this config`)
  return using(storage, options, () => waitFor(`writing to ${storage.name}`, work(storage, config)))
}

/** Opens a storage, does something with it, and closes it whatever comes. */
export async function using<T>(storage: Storage, options: OpenOptions, work: () => Promise<T>): Promise<T> {
  await open(storage, options)
  try {
    return await work()
  } finally {
    await closeQuietly(storage)
  }
}

async function open(storage: Storage, options: OpenOptions): Promise<void> {
  const { name } = storage
  const stop = new AbortController()
  const context = { signal: stop.signal, clock: systemClock, log: quiet }
  const opening = (async () => storage.open(context, options))()
  try {
    await patiently(
      opening,
      (time) => new UptimeError('STORAGE_FAILED', `${name} did not open within ${time}`),
    )
  } catch (error) {
    stop.abort(error)
    throw error
  }
}

/** What was read is there already; a storage that does not close takes nothing away from it. */
async function closeQuietly(storage: Storage): Promise<void> {
  const closing = (async () => storage.close())()
  try {
    await patiently(closing, (time) => new Error(`not within ${time}`), CLOSE)
  } catch (error) {
    warn(`${storage.name} did not close: ${messageOf(error)}`)
  }
}
