import type { Lease } from '../contracts.js'

/**
 * The token of a lease that a storage counts the writes of. With the holder: in a database that was emptied or replaced meanwhile, the
 * same count is another's.
 *
 * @example
 * leaseToken(3, lease) // '3 host/1'
 */
export function leaseToken(count: number, { holder }: Pick<Lease, 'holder'>): string {
  return `${count} ${holder ?? ''}`
}

/** What was put into it; a count of 0 where there is none yet. */
export function readLeaseToken(token = '0 '): { readonly count: number; readonly holder: string | null } {
  const space = token.indexOf(' ')
  return { count: Number(token.slice(0, space)), holder: token.slice(space + 1) || null }
}
