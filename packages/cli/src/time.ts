import {
  DURATION_EXPECTED,
  INSTANT_EXPECTED,
  parseDuration,
  parseInstant,
  UptimeError,
} from '@uptimeserver/core'

/**
 * A moment as it is typed: ISO 8601, local to the zone where it has no offset; a date, which is its first instant there; or
 * a duration for so long ago.
 *
 * @throws UptimeError `CONFIG_INVALID`
 */
export function parseTime(option: string, text: string, now: number, zone: string): number {
  const ago = parseDuration(text)
  const time = ago === undefined ? parseInstant(text, zone) : now - ago
  if (time !== undefined) return time
  const expected = `${INSTANT_EXPECTED}, or a duration such as 24h for so long ago`
  throw new UptimeError('CONFIG_INVALID', `${option}: found "${text}", expected ${expected}`)
}

/** A length of time as it is typed, in ms. @throws UptimeError `CONFIG_INVALID` */
export function durationOf(option: string, text: string): number {
  const ms = parseDuration(text)
  if (ms) return ms
  throw new UptimeError('CONFIG_INVALID', `${option}: found "${text}", expected ${DURATION_EXPECTED}`)
}
