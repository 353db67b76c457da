import { renameSync, writeFileSync } from 'node:fs'
import { messageOf, UptimeError } from '@uptimeserver/core'

/**
 * Writes a file as a whole or not at all: somebody may read it at any moment.
 *
 * @param option which one named it: `--out`
 * @throws UptimeError `CONFIG_INVALID` when it cannot be written
 */
export function save(option: string, path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  } catch (cause) {
    const why = messageOf(cause).replaceAll(temporary, path)
    throw new UptimeError('CONFIG_INVALID', `${option}: ${path} cannot be written: ${why}`, { cause })
  }
}
