import * as v from 'valibot'
import type { Problem } from '../contracts.js'
import { describe } from '../describe.js'
import { UptimeError } from '../errors.js'
import { formatProblem } from '../problems.js'
import { temporal } from './temporal.js'

const EXPECTED = 'the name of an IANA time zone such as Europe/Berlin, or UTC'

/** Names that proved good. No more than the tz database has. */
const known = new Set(['UTC'])

/** What is wrong with the name of a time zone. Spelling counts, because names become part of what is stored. */
export function zoneProblem(zone: unknown, path = ''): Problem | undefined {
  if (typeof zone === 'string' && known.has(zone)) return undefined
  const name = typeof zone === 'string' ? spellingOf(zone) : undefined
  if (name !== undefined && name === zone) {
    known.add(name)
    return undefined
  }
  const meant = name ?? similarTo(zone)
  const hint = meant ? `did you mean ${meant}?` : 'the tz database lists them as Area/City'
  return { path, found: describe(zone), expected: EXPECTED, hint }
}

/** The schema of a zone's name. */
export const zoneSchema = v.custom<string>(
  (value) => zoneProblem(value) === undefined,
  ({ input }) => {
    const hint = zoneProblem(input)?.hint
    return hint ? `${EXPECTED}; ${hint}` : EXPECTED
  },
)

/**
 * The same name, once it is sure that this Node knows a time zone of that name.
 *
 * @throws UptimeError `PERIOD_INVALID`
 */
export function assertZone(zone: string): string {
  const problem = zoneProblem(zone)
  if (problem) throw new UptimeError('PERIOD_INVALID', formatProblem(problem, 'the time zone'))
  return zone
}

/** The right spelling of a name that is right but for its case. Offsets are no zones: they know no daylight saving. */
function spellingOf(zone: string): string | undefined {
  if (!/^[a-z]/i.test(zone)) return undefined
  try {
    // Intl answers an alias with its target, Temporal with the alias, well spelt.
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions()
    if (timeZone === zone) return zone
    return temporal().Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId
  } catch {
    return undefined
  }
}

function similarTo(zone: unknown): string | undefined {
  if (typeof zone !== 'string' || !zone) return undefined
  const letters = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')
  const wanted = letters(zone)
  const names = Intl.supportedValuesOf('timeZone')
  return names.find((name) => letters(name) === wanted) ?? names.find((name) => cityOf(name) === wanted)

  function cityOf(name: string): string {
    return letters(name.slice(name.lastIndexOf('/') + 1))
  }
}
