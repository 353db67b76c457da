import type { Duration, Secret, TlsOptions } from '@uptimeserver/core'
import { durationBetween, tlsOptions, wholeNumber } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import { mongoUri } from './client/uri-schema.js'

export type Requirement = 'any' | 'primary' | 'majority' | number
export type ReadPreference = 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest'

/** Options of {@link mongo}, besides those that every service has. */
export interface MongoOptions {
  /**
   * Who must answer `ping`. `'any'`: a member that may be read from, by `readPreference`. `'primary'`: the member that takes
   * writes, and says so. `'majority'`: more than half of the members that hold data; or so many of them. Default `'any'`.
   */
  readonly require?: Requirement | undefined
  /** From whom an answer is taken while any will do. Default `'nearest'`. */
  readonly readPreference?: ReadPreference | undefined
  /** How far a member that answers may be behind the primary. Members report it by the time of their last write, which on a quiet set is up to 10 s old. */
  readonly maxReplicationLag?: Duration | undefined
  /** The oldest version that will do: `'6.0'`, `'7.0.5'`. */
  readonly minVersion?: string | undefined
  readonly tls?: TlsOptions | undefined
}

/** {@link MongoOptions} as the check uses them. */
export interface CheckOptions extends MongoOptions {
  readonly uri: string | Secret
}

const READ_PREFERENCES = [
  'primary',
  'primaryPreferred',
  'secondary',
  'secondaryPreferred',
  'nearest',
] as const

/** The schema of everything that {@link mongo} takes. */
export const schema = v.strictObject({
  uri: mongoUri,
  require: v.optional(
    v.union(
      [v.picklist(['any', 'primary', 'majority']), wholeNumber(1, 50)],
      `'any', 'primary', 'majority', or a number of members from 1 to 50`,
    ),
  ),
  readPreference: v.optional(v.picklist(READ_PREFERENCES, `one of ${READ_PREFERENCES.join(', ')}`)),
  maxReplicationLag: v.optional(durationBetween('1s', '7d')),
  minVersion: v.optional(
    v.custom<string>(
      (value) => typeof value === 'string' && /^\d+(\.\d+){0,2}$/.test(value),
      `a version such as '6.0'`,
    ),
  ),
  tls: v.optional(tlsOptions),
})
