import { messageOf, withoutUserinfo } from '@uptimeserver/core'
import { tlsProblem } from '@uptimeserver/core/kit'
import { hostsOf } from './uri.js'

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const UNAUTHORIZED = 13
const AUTHENTICATION_FAILED = 18

/** An error of the driver in words, with the host that it is about and never a credential. */
export function problemOf(error: unknown, uri: string): string {
  return (
    authentication(error) ?? selection(error, uri) ?? srv(error) ?? certificate(error, uri) ?? plain(error)
  )
}

/** Whether the server does not know us, or does not allow us to. */
export function isRefused(error: unknown): boolean {
  return chain(error).some(({ code }) => code === AUTHENTICATION_FAILED || code === UNAUTHORIZED)
}

/**
 * Whether the server cannot be reached, or takes no writes just now: an election, a shutdown, a network that is cut.
 * https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md
 */
export function isUnreachable(error: unknown): boolean {
  return chain(error).some(({ name, code }) => UNREACHABLE.test(name) || PASSING.has(code as number))
}

const UNREACHABLE = /^Mongo(ServerSelection|Network|NetworkTimeout|TopologyClosed|NotConnected|PoolCleared)/
/** HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, SocketException, and not primary. */
const PASSING = new Set([6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436])

function authentication(error: unknown): string | undefined {
  for (const { code } of chain(error)) {
    if (code === AUTHENTICATION_FAILED) return 'authentication failed: wrong user, password or authSource'
    if (code === UNAUTHORIZED && /requires authentication/.test(messageOf(error)))
      return 'the server wants a user and a password, and the URI has none'
    if (code === UNAUTHORIZED) return `the user is not allowed to do this: ${plain(error)}`
  }
  return undefined
}

interface ServerDescription {
  readonly address: string
  readonly error: unknown
  readonly type: string
}

/** No server fits: says of each why. */
function selection(error: unknown, uri: string): string | undefined {
  const { name, reason } = error as { name?: string; reason?: Topology }
  if (name !== 'MongoServerSelectionError' || !reason?.servers) return undefined
  return serversProblem(reason, uri)
}

interface Topology {
  readonly setName?: string | null
  readonly servers: ReadonlyMap<string, ServerDescription>
}

/** Of each server why it cannot be used, as far as that is known. */
export function serversProblem({ servers, setName }: Topology, uri: string): string {
  const told = [...servers.values()].map(({ address, error, type }) =>
    error ? inWords(address, error, uri) : `${address} ${TYPES[type] ?? `is ${type}`}`,
  )
  if (told.length) return told.slice(0, 5).join('; ')
  // The driver drops those that are of another set.
  return setName ? `${hostsOf(uri)}: no member of the replica set "${setName}"` : 'no server is known'
}

const TYPES: Readonly<Record<string, string>> = {
  RSPrimary: 'is the primary',
  RSSecondary: 'is a secondary',
  RSArbiter: 'is an arbiter',
  RSGhost: 'is in no replica set yet',
  RSOther: 'is neither primary nor secondary',
  Unknown: 'does not answer',
  Standalone: 'is in no replica set',
}

function inWords(address: string, error: unknown, uri: string): string {
  const known = authentication(error) ?? certificate(error, uri, address)
  const words = known ?? plain(error)
  return words.includes(address) ? words : `${address}: ${words}`
}

function srv(error: unknown): string | undefined {
  for (const { code, syscall, hostname } of chain(error)) {
    if (syscall !== 'querySrv') continue
    const what =
      code === 'ENOTFOUND' || code === 'ENODATA' ? 'does not exist' : `was not found (${String(code)})`
    return `the SRV record ${String(hostname)} ${what}`
  }
  return undefined
}

function certificate(error: unknown, uri: string, address?: string): string | undefined {
  const host = (address ?? hostsOf(uri)).replace(/:\d+$/, '')
  for (const each of chain(error)) {
    const problem = tlsProblem(each, host)
    if (problem) return problem
  }
  return undefined
}

function plain(error: unknown): string {
  const [first] = chain(error)
  const last = chain(error).at(-1)
  const { code, address, port } = last as { code?: unknown; address?: string; port?: number }
  if (code === 'EPIPE' || code === 'ECONNRESET') return 'the connection was closed by the other side'
  // What the system said is shorter and says more than what was made of it.
  if (typeof code === 'string' && address) return `connect ${code} ${address}:${port}`
  return withoutUserinfo(messageOf(first)).replace(DRIVER_WORDS, (_, host, what) => `${host}: ${ENDED[what]}`)
}

const DRIVER_WORDS = /^connection \S+ to (\S+) (closed|timed out)$/
const ENDED: Readonly<Record<string, string>> = {
  closed: 'the connection was closed',
  'timed out': 'no answer',
}

type Linked = Error & { code?: unknown; syscall?: string; hostname?: string }

/** An error and its causes, outermost first. */
function chain(error: unknown): Linked[] {
  const found: Linked[] = []
  for (let each = error as Linked | undefined; each && found.length < 8; each = each.cause as Linked)
    found.push(each)
  return found
}
