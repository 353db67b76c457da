import { type ErrorCode, isUptimeError, UptimeError } from '@uptimeserver/core'
import { isRefused, isUnreachable, problemOf } from '@uptimeserver/mongo/client'

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const DUPLICATE_KEY = 11000
const UNSATISFIABLE = 100
const UNAUTHORIZED = 13
const TOO_LARGE = new Set([10334, 17419, 17420])
const INDEX_CONFLICTS = new Set([85, 86])

/** Puts what the driver threw into our words, which never hold credentials. */
export function storageError(cause: unknown, uri: string): UptimeError {
  if (isUptimeError(cause)) return cause
  const [code, mend] = kindOf(cause)
  return failure(code, `${problemOf(cause, uri)}${mend && `; ${mend}`}`, { cause })
}

/** An error of this storage. */
export function failure(
  code: ErrorCode,
  why: string,
  options: { readonly cause?: unknown } = {},
): UptimeError {
  return new UptimeError(code, `mongo-storage: ${why}`, { ...options, plugin: 'mongo-storage' })
}

function kindOf(cause: unknown): readonly [code: ErrorCode, mend: string] {
  const { code, name } = cause as { code?: number; name?: string }
  if (code === UNSATISFIABLE) return ['STORAGE_FAILED', 'writeConcern asks for more members than hold data']
  if (isRefused(cause))
    return [
      'STORAGE_UNWRITABLE',
      'look at the credentials in uri, and give the user readWrite on the database',
    ]
  if (isUnreachable(cause)) return ['STORAGE_UNREACHABLE', '']
  if (TOO_LARGE.has(code ?? 0) || name === 'BSONError')
    return ['FACTS_REFUSED', 'a batch of facts must fit into 16 MB']
  if (INDEX_CONFLICTS.has(code ?? 0))
    return ['STORAGE_FOREIGN', 'name another db or prefix, or drop the index that is in the way']
  return ['STORAGE_FAILED', '']
}

/** Whether the user may not do this. */
export function isForbidden(error: unknown): boolean {
  return (error as { code?: unknown }).code === UNAUTHORIZED
}

/** Whether the only thing that was wrong is that something is there already. */
export function isDuplicate(error: unknown): boolean {
  const { code, writeErrors = [] } = error as {
    code?: number
    writeErrors?: { code: number } | readonly { code: number }[]
  }
  return code === DUPLICATE_KEY && [writeErrors].flat().every((each) => each.code === DUPLICATE_KEY)
}
