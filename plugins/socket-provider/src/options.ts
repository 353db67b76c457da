import { normalize } from 'node:path'
import { type Duration, parseDuration } from '@uptimeserver/core'
import { durationBetween, type EntryOptions, entryOptions, text, wholeNumber } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import { KIND } from './heartbeat.js'

/** What clients may ask of a socket. */
export interface SocketLimits {
  /** Bytes of one request, 1,024 to 16,777,216. Default 65,536. */
  readonly line?: number | undefined
  /** Connections at a time, 1 to 1,000. Default 100. */
  readonly connections?: number | undefined
  /** Services of all owners, 1 to 100,000. Default 10,000. */
  readonly services?: number | undefined
  /** How long a client may take for its next request, or to read a reply. `1s` to `1h`, default `1m`. */
  readonly idle?: Duration | undefined
}

/** Options of {@link socketProvider}. */
export interface SocketProviderOptions extends Partial<EntryOptions> {
  /** The provider's own, shown by `uptime status --discovery`. Default `'socket-provider'`. */
  readonly name?: string | undefined
  /**
   * The unix socket, relative to the config's folder, in a folder that only its owner can look into; it is made where it is missing. Up to
   * 98 bytes, from the root on.
   */
  readonly path: string
  /** The file in which what was declared outlives a restart, relative to the config's folder. Default: the socket's path and `.state`. */
  readonly state?: string | undefined
  readonly limits?: SocketLimits | undefined
}

/** What an address of a unix socket holds on every system, less what a name for the time of making it takes. */
export const LONGEST_PATH = 98

const path = v.pipe(
  text(1_000),
  v.check(
    (value) => Buffer.byteLength(normalize(value)) <= LONGEST_PATH,
    `a path of at most ${LONGEST_PATH} bytes, from the root on: systems take no longer one for a socket`,
  ),
)

const types = v.pipe(
  entryOptions.types,
  v.check((value) => !Object.hasOwn(value, KIND), `types without ${KIND}, which is there always`),
)

const limits = v.strictObject({
  line: v.optional(wholeNumber(1_024, 16_777_216)),
  connections: v.optional(wholeNumber(1, 1_000)),
  services: v.optional(wholeNumber(1, 100_000)),
  idle: v.optional(durationBetween('1s', '1h')),
})

/** The schema of everything that {@link socketProvider} takes. */
export const schema = v.strictObject({
  name: v.optional(text(100)),
  path,
  ...entryOptions,
  types: v.optional(types),
  state: v.optional(text(1_000)),
  limits: v.optional(limits),
}) as v.GenericSchema<SocketProviderOptions>

/** Where things are, by their absolute paths. */
export interface Place {
  readonly socket: string
  readonly state: string
}

/** Every limit, in bytes, numbers and ms. */
export interface Limits {
  readonly line: number
  readonly connections: number
  readonly services: number
  readonly idle: number
}

export function limitsOf({ line, connections, services, idle }: SocketLimits = {}): Limits {
  return {
    line: line ?? 65_536,
    connections: connections ?? 100,
    services: services ?? 10_000,
    idle: parseDuration(idle) ?? 60_000,
  }
}
