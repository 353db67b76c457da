import * as v from 'valibot'
import { text, wholeNumber } from './options.js'

/** Where facts wait while the storage does not take them. */
export interface JournalOptions {
  /** A folder that nobody but its owner looks into, relative to the config. Default: none, they wait in memory; `uptimeserver` takes `uptime.journal`. */
  readonly folder?: string | undefined
  /** Facts that may wait at most, 10 to 10,000,000. Default 100,000: some 30 MB of memory, and of disk. */
  readonly limit?: number | undefined
}

export const journal = v.strictObject({
  folder: v.optional(text(1_000)),
  limit: v.optional(wholeNumber(10, 10_000_000)),
})
