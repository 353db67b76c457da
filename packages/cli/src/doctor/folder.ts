import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

const MEBIBYTE = 1_048_576
/** Less free space than this is a problem, in bytes; less than the other one worth a word. */
const FULL = 8 * MEBIBYTE
const SCARCE = 256 * MEBIBYTE

export interface Space {
  readonly state: 'ok' | 'warning' | 'problem'
  /** `12.3 GiB free` */
  readonly text: string
}

/** The folder, or where it is not there yet, the nearest one above it that is. */
export async function nearestFolder(path: string): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  return isThere || dirname(path) === path ? path : nearestFolder(dirname(path))
}

/** Why files cannot be made in a folder; `undefined` where they can. Makes none. */
export async function whyNotWritable(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EROFS' ? 'its file system is read-only' : `this user may not write there (${code})`
  }
}

/** How much room there is for whoever runs this. */
export async function spaceIn(folder: string): Promise<Space> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const state = free < FULL ? 'problem' : free < SCARCE ? 'warning' : 'ok'
  return { state, text: `${sizeOf(free)} free` }
}

function sizeOf(bytes: number): string {
  const mebibytes = bytes / MEBIBYTE
  return mebibytes < 1_024 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1_024).toFixed(1)} GiB`
}
