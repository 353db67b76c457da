import { type Reader, type Storage, systemClock } from '@uptimeserver/core'
import { loadResolved } from './load-config.js'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** Opens the config's storage for reading, does something with it, and closes it. Creates nothing. */
export async function withReader<T>(
  named: string | undefined,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const { config, folder } = await loadResolved(named)
  const storage = config.storage as Storage
  const context = { signal: new AbortController().signal, clock: systemClock, log: quiet }
  await storage.open(context, { monitor: config.monitor, readOnly: true, folder })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}
