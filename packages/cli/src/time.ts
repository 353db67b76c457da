import { parseDuration, UptimeError } from '@uptimeserver/core'

const COMPLETE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * A moment as it is typed: ISO 8601 with a zone, a date (midnight UTC), or a duration for so long ago.
 *
 * @throws UptimeError `CONFIG_INVALID`
 */
export function parseTime(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const ago = parseDuration(text)
  if (ago !== undefined) return now - ago
  const date = COMPLETE.exec(text)?.[1]
  const ms = date && exists(date) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  const expected = `a time with a zone such as 2026-11-22T08:00:00Z, a date, or a duration such as 24h`
  throw new UptimeError('CONFIG_INVALID', `${option}: found "${text}", expected ${expected}`)
}

/** A day that is in the calendar. Left to itself, the parser takes 31 February for 3 March. */
function exists(date: string): boolean {
  const ms = Date.parse(date)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
}
