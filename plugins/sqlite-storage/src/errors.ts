import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ErrorCode, isUptimeError, messageOf, UptimeError } from '@uptimeserver/core'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const BY_RESULT: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  5: ['STORAGE_BUSY', 'another process keeps it locked; stop the other writer, or wait'],
  6: ['STORAGE_BUSY', 'another process keeps it locked; stop the other writer, or wait'],
  8: ['STORAGE_UNWRITABLE', 'it is read-only; give this user the right to write the file and its folder'],
  10: ['STORAGE_FAILED', 'the disk reported an error'],
  11: ['STORAGE_FAILED', 'the file is damaged; restore it from a backup, or move it away to begin anew'],
  13: ['STORAGE_FULL', 'the disk is full; make room'],
  14: ['STORAGE_UNWRITABLE', 'it cannot be opened; check that the folder exists and may be written'],
  19: ['FACTS_REFUSED', 'a fact does not fit the schema'],
  26: ['STORAGE_FOREIGN', 'the file is no database; name another file, or move this one away'],
}
const BY_ERRNO: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: BY_RESULT[13]!,
  EDQUOT: BY_RESULT[13]!,
  EROFS: BY_RESULT[8]!,
  EACCES: [
    'STORAGE_UNWRITABLE',
    'access is denied; give this user the right to write the file and its folder',
  ],
  EPERM: [
    'STORAGE_UNWRITABLE',
    'access is denied; give this user the right to write the file and its folder',
  ],
  EISDIR: ['STORAGE_FOREIGN', 'it is a folder; name a file'],
  ENOTDIR: ['STORAGE_UNWRITABLE', 'a part of its path is no folder'],
  ERR_INVALID_ARG_TYPE: ['FACTS_REFUSED', 'a fact lacks something'],
}

/** Puts what the driver or the file system threw into our words. */
export function storageError(cause: unknown, path: string): UptimeError {
  if (isUptimeError(cause)) return cause
  const { errcode, code } = cause as { errcode?: number; code?: string }
  const result = errcode === undefined ? undefined : errcode & 0xff
  const known = result === undefined ? BY_ERRNO[code ?? ''] : BY_RESULT[isFull(result, path) ? 13 : result]
  const [ours, what] = known ?? (['STORAGE_FAILED', 'SQLite failed'] as const)
  return new UptimeError(ours, `sqlite-storage ${path}: ${what} (${messageOf(cause)})`, {
    cause,
    plugin: 'sqlite-storage',
  })
}

/** A full disk shows as an I/O error or as a file that cannot be opened when there is no room for the shared memory. */
function isFull(result: number, path: string): boolean {
  if (result !== 10 && result !== 14) return false
  try {
    return statfsSync(dirname(path)).bavail === 0
  } catch {
    return false
  }
}
