import type { Problem } from './contracts.js'

/** Every code an {@link UptimeError} may carry, and what it means. Codes are stable; messages are not. */
export const ERROR_CODES = {
  CONFIG_NOT_FOUND: 'There is no config where one was looked for.',
  CONFIG_UNREADABLE: 'The config could not be loaded: a syntax error, or it threw.',
  CONFIG_INVALID: 'The config was loaded and says something that cannot be done. `problems` lists all of it.',
  PERIOD_INVALID: 'There is no such period, time or time zone.',
  NOT_FOUND: 'There is no such service, downtime or maintenance window.',
  CHECK_TIMEOUT: 'A check did not end by its deadline.',
  CHECK_RUBBISH: 'A check returned something that is neither nothing nor a detail object.',
  PROVIDER_FAILED: 'A provider threw, ended without a set, or yielded something that is no set.',
  PLUGIN_FAILED: 'A plugin threw where it must not: while closing, or while consolidating.',
  LISTENER_FAILED: 'A listener of the runner threw.',
  RUNNER_STATE: 'The runner cannot do this now: not started, or already stopped.',
  FACTS_REFUSED: 'The storage refused facts for good; they are not kept.',
  FACTS_LOST: 'Facts could not be stored before the end, or did not fit into the queue.',
  RECORD_LOST:
    'What was recorded is there no more: the storage was emptied, or an older copy took its place.',
  STORAGE_DRIVER: 'The database driver could not be loaded.',
  STORAGE_FOREIGN: 'The file or database holds something that is not ours.',
  STORAGE_TOO_NEW: 'The database was written by a newer version of this program.',
  STORAGE_UNWRITABLE: 'The storage cannot be opened or written to.',
  STORAGE_UNREACHABLE: 'The database server does not answer, or takes no writes just now.',
  STORAGE_FULL: 'There is no space left for the storage.',
  STORAGE_BUSY: 'Another process keeps the storage locked.',
  LEASE_LOST: 'This instance does not lead, or has not shown for too long that it does: it writes nothing.',
  JOURNAL_FAILED: 'The journal could not be written or read; facts that wait are kept in memory only.',
  STORAGE_FENCED: 'A writer with a higher term has taken over; this entry was refused.',
  STORAGE_FAILED: 'The storage failed for another reason.',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export interface UptimeErrorOptions {
  readonly cause?: unknown
  /** Who: `http "shop"`, `sqlite-storage`. */
  readonly plugin?: string
  readonly problems?: readonly Problem[]
}

const BRAND = Symbol.for('uptimeserver.error')

/**
 * The one error of Uptime Server. Tell them apart by `code`, see {@link ERROR_CODES}.
 *
 * @example
 * try { await runner.start() } catch (error) {
 *   if (isUptimeError(error, 'CONFIG_INVALID')) console.error(error.message)
 * }
 */
export class UptimeError extends Error {
  override readonly name = 'UptimeError'
  readonly code: ErrorCode
  readonly plugin: string | undefined
  readonly problems: readonly Problem[]
  readonly [BRAND] = true

  constructor(code: ErrorCode, message: string, options: UptimeErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.plugin = options.plugin
    this.problems = options.problems ?? []
  }
}

/** Whether this is an {@link UptimeError} (of this code, when one is given), also when it comes from another copy of the package. */
export function isUptimeError(error: unknown, code?: ErrorCode): error is UptimeError {
  return error instanceof Error && BRAND in error && (!code || (error as UptimeError).code === code)
}

/** The message of whatever was thrown. Never throws itself. */
export function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof AggregateError && !thrown.message) return thrown.errors.map(messageOf).join('; ')
    if (thrown instanceof Error) return thrown.message || thrown.name
    return typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? String(thrown))
  } catch {
    return 'something that cannot be printed'
  }
}
