import { messageOf, UptimeError } from '@uptimeserver/core'

/**
 * A driver that is loaded when it is needed: only one of them need be there.
 *
 * @throws `STORAGE_DRIVER` when it is not installed, or broken
 */
export async function loaded<T>(name: string, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const isMissing = (cause as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'
    const why = isMissing ? 'is not installed' : `cannot be loaded (${messageOf(cause)})`
    const message = `${what} is read with the package ${name}, which ${why}: npm i ${name}`
    throw new UptimeError('STORAGE_DRIVER', message, { cause, plugin: 'database-provider' })
  }
}
