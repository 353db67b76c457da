import { formatDuration } from '@uptimeserver/core'

/** A document as the driver hands it over. Nothing of it is taken for granted. */
export type Document = Readonly<Record<string, unknown>>

/** What python-uptimeserver writes, by collection. */
export interface Ancestor {
  /** `uptime`: its services, each with the status that was reported last. */
  readonly services: readonly Document[]
  /** `uptime_history`: their downtimes. */
  readonly downtimes: readonly Document[]
  /** `instance_state`: when the active instance said last that it is there. */
  readonly instances: readonly Document[]
  /** `daily_uptime`, `weekly_uptime`, `monthly_uptime`: its figures. */
  readonly figures: Readonly<Record<FigureUnit, readonly Document[]>>
}

export type FigureUnit = 'day' | 'week' | 'month'

export const COLLECTIONS = {
  services: 'uptime',
  downtimes: 'uptime_history',
  instances: 'instance_state',
  day: 'daily_uptime',
  week: 'weekly_uptime',
  month: 'monthly_uptime',
} as const

/** A document that is not carried over, and why. */
export interface Left {
  readonly collection: string
  readonly id: string
  readonly what: string
  readonly why: string
}

const OBJECT_ID = /^[0-9a-f]{24}$/i
/** A clock that is ahead by less is no clock that is wrong, in ms. */
const AHEAD = 60_000

export function idOf(value: unknown): string {
  return String(value ?? '(none)')
}

/** When a document was made: its ObjectId begins with that, in whole seconds. `undefined` where it has none. */
export function bornAt({ _id }: Document): number | undefined {
  const id = idOf(_id)
  return OBJECT_ID.test(id) ? Number.parseInt(id.slice(0, 8), 16) * 1000 : undefined
}

/** A time of the ancestor's, which are seconds with a fraction, in ms; or what is wrong with it. */
export function momentOf(value: unknown, now: number): number | string {
  if (value === undefined) return 'is missing'
  if (typeof value !== 'number' || !Number.isFinite(value)) return `is ${tell(value)}, expected seconds`
  if (value <= 0) return `is ${value}, expected seconds since 1970`
  const ms = Math.round(value * 1000)
  if (ms <= now + AHEAD) return ms
  return Number.isSafeInteger(ms) && ms - now < 1e13
    ? `lies ${formatDuration(ms - now)} ahead`
    : `is ${value}, expected seconds`
}

export function tell(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80))
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}
