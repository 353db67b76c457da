import { mkdir, stat } from 'node:fs/promises'
import { UptimeError } from '@uptimeserver/core'

const PLUGIN = 'socket-provider'

/** Nobody but the owner may even look into it. */
export const PRIVATE = 0o077
/** Nobody but the owner may put anything into it. */
export const UNWRITABLE = 0o022

/**
 * Makes a folder, 0700, or makes sure of one that is there.
 *
 * @param forbidden the permissions that others must not have
 * @throws UptimeError `PROVIDER_FAILED` when others own it or may do more than that
 */
export async function ensureFolder(folder: string, forbidden: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause) => {
    throw failed(`the folder ${folder} cannot be made: ${cause.message}`, cause)
  })
  const { uid, mode } = await stat(folder)
  const own = process.getuid?.()
  if (own !== undefined && uid !== own)
    throw failed(
      `the folder ${folder} belongs to the user ${uid}, expected ${own}; name a folder of your own`,
    )
  if (mode & forbidden) throw failed(looseFolder(folder, mode, forbidden))
}

function looseFolder(folder: string, mode: number, forbidden: number): string {
  const found = (mode & 0o777).toString(8)
  const [expected, mend] =
    forbidden === PRIVATE ? ['700', '700'] : ['one that only its owner writes to', 'go-w']
  return `the folder ${folder} has the mode ${found}, expected ${expected}; run chmod ${mend} ${folder}, or name another one`
}

export function failed(message: string, cause?: unknown): UptimeError {
  return new UptimeError('PROVIDER_FAILED', message, { plugin: PLUGIN, cause })
}
