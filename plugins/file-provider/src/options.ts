import type { Duration } from '@uptimeserver/core'
import { durationBetween, type EntryOptions, entryOptions, text } from '@uptimeserver/core/kit'
import * as v from 'valibot'

/** Options of {@link fileProvider}. */
export interface FileProviderOptions extends EntryOptions {
  /** The provider's own, shown by `uptime status --discovery`. Default `'file-provider'`. */
  readonly name?: string | undefined
  /** Which files, as globs: `'services/*.yaml'`, `['**\/*.{yaml,toml}', '!drafts/**']`. The first file decides about a service that two have. */
  readonly files: string | readonly string[]
  /** The folder that `files` are relative to, itself relative to the config's. Default: the config's. */
  readonly cwd?: string | undefined
  /** How often it is looked for what no event has told, as on a network drive, from 1s to 1d. Default `'60s'`. */
  readonly poll?: Duration | undefined
}

const pattern = text(1_000)
const EXPECTED = "a glob such as 'services/*.yaml', or a list of such"
const isPositive = (each: string) => !each.startsWith('!')

/** The schema of everything that {@link fileProvider} takes. */
export const schema = v.strictObject({
  ...entryOptions,
  name: v.optional(text(100)),
  files: v.union(
    [
      v.pipe(pattern, v.check(isPositive)),
      v.pipe(
        v.array(pattern),
        v.check((list) => list.some(isPositive)),
      ),
    ],
    EXPECTED,
  ),
  cwd: v.optional(text(4_000)),
  poll: v.optional(durationBetween('1s', '1d')),
}) as v.GenericSchema<FileProviderOptions>
