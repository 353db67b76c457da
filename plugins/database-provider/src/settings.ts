import type { DatabaseProviderOptions } from './options.js'

/** {@link DatabaseProviderOptions} with the defaults, and durations in ms. */
export interface Settings extends Omit<DatabaseProviderOptions, 'every' | 'timeout'> {
  readonly limit: number
  readonly every: number
  readonly timeout: number
}

/** @throws when there are more rows than the config wants */
export function checkLimit(count: number, limit: number): void {
  if (count > limit)
    throw new Error(
      `the query gives more than ${limit} rows; let it give fewer, or raise \`limit\` (100000 at most)`,
    )
}
