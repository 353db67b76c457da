import { temporal } from './temporal.js'

/** What a message says when something else stands where a time should. */
export const INSTANT_EXPECTED = `a time such as '2026-11-22T08:00:00+01:00', '2026-11-22T08:00' or '2026-11-22'`

const OFFSET = /(Z|[+-]\d{2}:?\d{2})$/i
const FORM = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * The milliseconds since the epoch of an ISO 8601 time. Without an offset it is local time in the zone, and a date alone is
 * the first instant of that date there. A time that the clocks there skip is the one as long after the skip; of one that
 * they show twice, the first is meant. `undefined` where it is no time.
 *
 * @param zone an IANA name
 * @example
 * parseInstant('2026-11-22', 'Europe/Berlin') // 2026-11-21T23:00:00Z
 */
export function parseInstant(text: string, zone: string): number | undefined {
  if (!FORM.test(text)) return undefined
  const { Instant, PlainDate, PlainDateTime } = temporal()
  try {
    if (OFFSET.test(text) && text.length > 'yyyy-mm-dd'.length) return Instant.from(text).epochMilliseconds
    if (text.length === 'yyyy-mm-dd'.length)
      return PlainDate.from(text).toZonedDateTime(zone).epochMilliseconds
    return PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds
  } catch {
    return undefined
  }
}
