import type { CustomTypesConfig, types as Types } from 'pg'

/** https://www.postgresql.org/docs/current/catalog-pg-type.html: what the driver gives as texts, or as objects of its own. */
const OID = { int8: 20, numeric: 1700, interval: 1186 } as const

/** Large numbers as numbers, intervals as milliseconds; all else as the driver has it. */
export function typeParsers(types: typeof Types): CustomTypesConfig {
  const own: Readonly<Record<number, (text: string) => unknown>> = {
    [OID.int8]: numberOf,
    [OID.numeric]: numberOf,
    [OID.interval]: (text) =>
      millisecondsOf(types.getTypeParser(OID.interval)(text) as unknown as Interval) ?? text,
  }
  return { getTypeParser: (oid: number, format) => own[oid] ?? types.getTypeParser(oid, format as 'text') }
}

/** A text where that would not be the same number. */
function numberOf(text: string): number | string {
  const number = Number(text)
  return Number.isNaN(number) || Math.abs(number) > Number.MAX_SAFE_INTEGER ? text : number
}

interface Interval {
  readonly [unit: string]: number | undefined
}

const UNITS = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
} as const

/** `undefined` where there are months or years in it, which are not of one length. */
function millisecondsOf(interval: Interval): number | undefined {
  if (interval.years || interval.months) return undefined
  const parts = Object.entries(UNITS).map(([unit, ms]) => (interval[unit] ?? 0) * ms)
  return Math.round(parts.reduce((sum, ms) => sum + ms, 0))
}
