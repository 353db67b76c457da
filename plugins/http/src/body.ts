import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, type ZlibOptions } from 'node:zlib'
import type { Reply } from './exchange.js'

/** What is looked at of a body. */
export interface BodyText {
  readonly text: string
  /** There is more of it. */
  readonly isCut: boolean
}

/** A compressed body may be cut off in the middle: what there is of it is given without complaint. */
const HOW = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 65_536 } satisfies ZlibOptions

const DECOMPRESS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(HOW),
  deflate: () => createInflate(HOW),
  br: () => createBrotliDecompress({ ...HOW, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
}

/**
 * How much to read for that much of a body: compressed, what does not compress is a little longer (RFC 1951, section
 * 3.2.4).
 */
export function compressedSize(maxBody: number): number {
  return maxBody + Math.ceil(maxBody / 1_024) + 1_024
}

/** The first `maxBody` bytes after decompression as text, without a byte order mark. */
export async function readText(reply: Reply, maxBody: number): Promise<BodyText> {
  const plain = await decompress(reply, maxBody)
  const text = plain.toString('utf8', 0, maxBody).replace(/^\ufeff/, '')
  return { text, isCut: reply.truncated || plain.length > maxBody }
}

async function decompress({ body = Buffer.alloc(0), headers }: Reply, enough: number): Promise<Buffer> {
  const encoding = String(headers['content-encoding'] ?? '')
    .toLowerCase()
    .replace(/^x-/, '')
  const make = DECOMPRESS[encoding]
  try {
    return make ? await pass(body, make(), enough) : body
  } catch (error) {
    throw new Error(`the body cannot be decompressed (${encoding}): ${(error as Error).message}`)
  }
}

/** What comes out of a stream, until it is more than enough: a bomb is not unpacked any further. */
async function pass(body: Buffer, stream: Transform, enough: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  stream.end(body)
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.length
    if (size > enough) break
  }
  return Buffer.concat(chunks)
}
