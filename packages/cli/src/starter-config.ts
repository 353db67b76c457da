import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { messageOf, UptimeError } from '@uptimeserver/core'
import { escapeSteering } from './json.js'
import { CONFIG_NAMES } from './load-config.js'
import { PACKAGE } from './manifest.js'

export const CONFIG = 'uptime.config.ts'

/** The configs in this folder, dangling links too: writing to one would write to where it leads. */
export function configsHere(): string[] {
  return CONFIG_NAMES.filter((name) => lstatSync(name, { throwIfNoEntry: false }))
}

/** Writes a config of one service. @throws UptimeError `CONFIG_INVALID` when one is there, or it cannot be written */
export function writeConfig(first: { readonly name: string; readonly url: string }, force = false): void {
  const text = configFor(first)
  try {
    if (force) replace(text)
    else writeFileSync(CONFIG, text, { flag: 'wx' })
  } catch (cause) {
    throw new UptimeError('CONFIG_INVALID', `${CONFIG} cannot be written: ${messageOf(cause)}`, { cause })
  }
}

/** In one step, so that a failure leaves the old one whole; a link is replaced, not followed. */
function replace(text: string): void {
  const draft = `${CONFIG}.${process.pid}.tmp`
  const old = lstatSync(CONFIG, { throwIfNoEntry: false })
  try {
    writeFileSync(draft, text, { flag: 'wx', mode: old?.isFile() ? old.mode & 0o777 : 0o666 })
    renameSync(draft, CONFIG)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

function configFor({ name, url }: { readonly name: string; readonly url: string }): string {
  return `import { defineConfig, http } from '${PACKAGE}'

export default defineConfig({
  every: '60s',
  services: [http(${quote(url)}, { name: ${quote(name)} })],
})
`
}

/** A text as a literal in single quotes, whatever is in it. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${escapeSteering(escaped)}'`
}
