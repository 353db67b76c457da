import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { messageOf } from '@uptimeserver/core'
import type { Text } from './locate.js'
import { FORMATS } from './parse/job.js'

/** In bytes. */
const MOST_BYTES = 10 * 1_048_576
/** Otherwise a named pipe would be waited for. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** What tells one state of a file from another, without reading it. */
export interface Stamp {
  /** `''`: there is no such file. */
  readonly text: string
  /** When it was written to last, in ms since the epoch. */
  readonly writtenAt: number
}

const GONE: Stamp = { text: '', writtenAt: 0 }

export async function stampOf(path: string): Promise<Stamp> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ...stats } = await stat(path, { bigint: true })
    const isFile = (stats.mode & BigInt(constants.S_IFMT)) === BigInt(constants.S_IFREG)
    if (!isFile) return GONE
    return { text: [dev, ino, size, mtimeNs, ctimeNs].join(':'), writtenAt: Number(mtimeMs) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? GONE : { text: `out of reach: ${code}`, writtenAt: 0 }
  }
}

/** The text of a file, or why there is none. Never throws. */
export async function readText(path: string): Promise<Text | { readonly fault: string }> {
  const format = FORMATS.get(extname(path).toLowerCase())
  if (!format) return { fault: `expected a file that ends with ${[...FORMATS.keys()].join(', ')}` }
  try {
    const bytes = await readBytes(path)
    if (!bytes) return { fault: 'it has more than 10 MiB' }
    return { format, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    const isEncoding = (error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    return { fault: isEncoding ? 'it is not UTF-8' : `it cannot be read: ${messageOf(error)}` }
  }
}

/** `undefined`: there is too much. */
async function readBytes(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, FLAGS)
  try {
    const { size } = await file.stat()
    if (size > MOST_BYTES) return undefined
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of file.createReadStream({ end: MOST_BYTES, autoClose: false })) {
      chunks.push(chunk as Uint8Array)
      length += (chunk as Uint8Array).length
    }
    return length > MOST_BYTES ? undefined : Buffer.concat(chunks)
  } finally {
    await file.close()
  }
}
