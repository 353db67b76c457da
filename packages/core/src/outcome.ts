import { clean } from './clean.js'
import type { Detail } from './contracts.js'
import { messageOf } from './errors.js'

const REASON_LENGTH = 500
const DETAIL_BYTES = 1024

const SEEN_AT = Symbol.for('uptimeserver.seen-at')

/**
 * Gives a check's result a time of its own, for what was found elsewhere and only handed over: a job's report, the end of
 * a deadline. It counts back to the check before it in the same run and no further, and never ahead of the check itself.
 *
 * @param at in ms since the epoch
 * @param result the detail that the check returns, or the error that it throws
 *
 * @example
 * throw seenAt(report.at, new Error(report.reason))
 */
export function seenAt<Result extends object>(at: number, result: Result): Result {
  const carrier = result instanceof Error ? result : { ...result }
  return Object.defineProperty(carrier, SEEN_AT, { value: at }) as Result
}

/** The time of its own that a result carries, if any. */
export function ownTimeOf(result: unknown): number | undefined {
  const at = (result as { [SEEN_AT]?: unknown } | null | undefined)?.[SEEN_AT]
  return typeof at === 'number' && Number.isFinite(at) ? Math.floor(at) : undefined
}

/** What was thrown, as one line that is safe to print in a terminal. */
export function reasonOf(thrown: unknown): string {
  const line = clean(messageOf(thrown)).trim()
  return line.length > REASON_LENGTH
    ? `${line.slice(0, REASON_LENGTH - 1)}…`
    : line || 'failed without a reason'
}

/** A detail object that survives JSON, or `undefined` where something else was given. Never throws. */
export function detailOf(value: unknown): Detail | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  try {
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return undefined
    const copy = { ...value }
    return Object.values(copy).every(isPlain) ? copy : cleaned(copy)
  } catch {
    return undefined
  }
}

function isPlain(value: unknown): boolean {
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' || value === undefined || value === null
}

/** Without the fields that JSON cannot hold. */
function cleaned(detail: object): Detail {
  const fields = Object.entries(detail).map(([key, value]) => [key, jsonOf(value)] as const)
  return Object.fromEntries(fields.flatMap(([key, json]) => (json ? [[key, JSON.parse(json)]] : [])))
}

function spellBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** As much of a detail as fits into 1 KiB of JSON: whole fields, in their order. */
export function storedDetail(detail: Detail | undefined): Detail | undefined {
  if (!detail) return undefined
  const kept: [string, Detail[string]][] = []
  let left = DETAIL_BYTES - 2
  for (const [key, value] of Object.entries(detail)) {
    const json = jsonOf(value)
    if (json === undefined) continue
    const size = Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(json) + 2
    if (size > left) continue
    left -= size
    kept.push([key, JSON.parse(json)])
  }
  return kept.length ? Object.fromEntries(kept) : undefined
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, spellBigInts)
  } catch {
    return undefined
  }
}
