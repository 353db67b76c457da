import { messageOf, type Reader, type Storage, systemClock, UptimeError } from '@uptimeserver/core'
import { loadResolved } from './load-config.js'
import { warn } from './output.js'
import { patiently, waitFor } from './patience.js'

/** What a storage may take to close, in ms. */
const CLOSE = 5_000

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** Opens the config's storage for reading, does something with it, and closes it. Creates nothing. */
export async function withReader<T>(
  named: string | undefined,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const { config, folder } = await loadResolved(named)
  const storage = config.storage as Storage
  await open(storage, config.monitor, folder)
  try {
    return await waitFor(`reading from ${storage.name}`, work(storage))
  } finally {
    await closeQuietly(storage)
  }
}

async function open(storage: Storage, monitor: string, folder: string): Promise<void> {
  const { name } = storage
  const stop = new AbortController()
  const context = { signal: stop.signal, clock: systemClock, log: quiet }
  const opening = (async () => storage.open(context, { monitor, readOnly: true, folder }))()
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
