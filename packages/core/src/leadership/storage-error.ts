import { isUptimeError, UptimeError } from '../errors.js'
import { reasonOf } from '../outcome.js'

/** Whatever a storage threw, in our words. */
export function asStorageError(name: string, cause: unknown): UptimeError {
  if (isUptimeError(cause)) return cause
  return new UptimeError('STORAGE_FAILED', `${name}: ${reasonOf(cause)}`, { cause, plugin: name })
}
