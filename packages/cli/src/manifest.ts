import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { messageOf, UptimeError } from '@uptimeserver/core'

declare const VERSION: string

export const MANIFEST = 'package.json'
export const PACKAGE = 'uptimeserver'

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const EMPTY = '{\n  "private": true\n}\n'
/** Some editors put it in front; JSON knows no such thing. */
const BYTE_ORDER_MARK = '\uFEFF'

/** Whether this folder's package.json names the package. @throws UptimeError `CONFIG_INVALID` when it is broken */
export function isDeclared(): boolean {
  const { dependencies, devDependencies } = read().manifest
  return Boolean(dependencies?.[PACKAGE] ?? devDependencies?.[PACKAGE])
}

/** Adds the package, and leaves the file's indentation as it is. */
export function addToManifest(): void {
  const { text, mark, manifest } = read()
  manifest.devDependencies = { ...manifest.devDependencies, [PACKAGE]: `^${VERSION}` }
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  '
  writeFileSync(MANIFEST, `${mark}${JSON.stringify(manifest, null, indent)}\n`)
}

function read(): { text: string; mark: string; manifest: Manifest } {
  const whole = existsSync(MANIFEST) ? readFileSync(MANIFEST, 'utf8') : EMPTY
  const mark = whole.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''
  const text = whole.slice(mark.length)
  return { text, mark, manifest: parse(text) }
}

function parse(text: string): Manifest {
  const manifest = parsed(text)
  if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) return manifest
  const found = Array.isArray(manifest) ? 'a list' : JSON.stringify(manifest)
  throw new UptimeError('CONFIG_INVALID', `${MANIFEST}: found ${found}, expected an object`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UptimeError('CONFIG_INVALID', `${MANIFEST} is not JSON: ${messageOf(cause)}; mend it first`, {
      cause,
    })
  }
}
