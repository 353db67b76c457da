import * as v from 'valibot'
import type { TimingOptions } from '../contracts.js'
import { DURATION_EXPECTED, type Duration, parseDuration } from '../duration.js'

/** What every service takes besides its plugin's own options. */
export interface ServiceOptions extends TimingOptions {
  /** Shown to people. With `category` it identifies the service; change it and its history begins anew. */
  readonly name?: string | undefined
  /** Groups services in reports: `infra`, `shop`. */
  readonly category?: string | undefined
  /** Further groups, for filters: `{ team: 'payments' }`. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** What identifies the service instead of category and name. */
  readonly identity?: string | undefined
  /** The availability aimed at, in percent, in (0, 100]. */
  readonly objective?: number | undefined
  /** Timing that is only suggested, as by a provider for what it discovers: the config's own beats it. */
  readonly defaults?: TimingOptions | undefined
}

const YEAR = 366 * 86_400_000

/** A duration within bounds, as a schema. */
export const durationBetween = (least: Duration, most: Duration = YEAR) =>
  v.custom<Duration>(
    (value) => {
      const ms = parseDuration(value)
      return ms !== undefined && ms >= parseDuration(least)! && ms <= parseDuration(most)!
    },
    `${DURATION_EXPECTED}, from ${least} to ${most === YEAR ? '366d' : most}`,
  )

export const text = (most: number) =>
  v.custom<string>(
    (value) => typeof value === 'string' && value.trim().length > 0 && value.length <= most,
    `a text of 1 to ${most} characters`,
  )

/** What becomes a part of keys, which are joined by bars. */
export const keyName = v.pipe(text(100), v.regex(/^[^|]*$/, 'a name without |'))

export const wholeNumber = (least: number, most: number) =>
  v.custom<number>(
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    `a whole number from ${least} to ${most}`,
  )

export const percent = v.custom<number>(
  (value) => typeof value === 'number' && value > 0 && value <= 100,
  'a percentage above 0 and up to 100',
)

export const timingEntries = {
  every: v.optional(durationBetween('100ms')),
  retryEvery: v.optional(durationBetween('10ms')),
  timeout: v.optional(durationBetween('10ms', '1d')),
  attempts: v.optional(wholeNumber(1, 1000)),
}

const label = v.pipe(v.string('a text'), v.maxLength(500, 'a text of up to 500 characters'))

/** The schema of {@link ServiceOptions}. */
export const serviceOptions = v.strictObject({
  name: v.optional(text(500)),
  category: v.optional(text(200)),
  labels: v.optional(v.record(text(200), label)),
  identity: v.optional(text(2000)),
  objective: v.optional(percent),
  defaults: v.optional(v.strictObject(timingEntries)),
  ...timingEntries,
})

export const SERVICE_OPTION_NAMES: ReadonlySet<string> = new Set(Object.keys(serviceOptions.entries))
