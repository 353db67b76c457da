import { parseDuration, UptimeError } from '@uptimeserver/core'

/**
 * A moment as it is typed: ISO 8601 with a zone, a date (midnight UTC), or a duration for so long ago.
 *
 * @throws UptimeError `CONFIG_INVALID`
 */
export function parseTime(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const ago = parseDuration(text)
  if (ago !== undefined) return now - ago
  const isComplete = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const ms = isComplete ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  const expected = `a time with a zone such as 2026-11-22T08:00:00Z, a date, or a duration such as 24h`
  throw new UptimeError('CONFIG_INVALID', `${option}: found "${text}", expected ${expected}`)
}
