import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Address, Names } from './names.js'
import type { TlsOptions } from './options.js'
import type { Progress } from './progress.js'
import { certificateProblem, type SecureContexts } from './tls.js'

/** How connections are made. */
export interface DialOptions {
  readonly family: 4 | 6 | undefined
  readonly tls: TlsOptions | undefined
  readonly contexts: SecureContexts
  readonly names: Names
}

/** Told once each, and one of them at most. */
export interface DialEvents {
  /** The connection may be spoken on: for https the certificate has been verified. */
  onReady(socket: Socket): void
  onError(error: unknown): void
}

/** The host of a URL, IPv6 without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/**
 * Begins a connection to a URL's origin at one of these addresses. Every connection that this plugin makes is made
 * here. The socket is the caller's to destroy.
 */
export function dial(
  url: URL,
  addresses: readonly Address[],
  { tls, contexts }: DialOptions,
  progress: Progress,
  { onReady, onError }: DialEvents,
): Socket {
  const isSecure = url.protocol === 'https:'
  const port = Number(url.port) || (isSecure ? 443 : 80)
  const where = destination(hostOf(url), addresses, port)
  progress.phase = { connecting: addresses, port }
  if (!isSecure) {
    const socket = connect(where)
    socket.on('error', onError)
    socket.on('connect', () => {
      progress.lap('connectMs')
      onReady(socket)
    })
    return socket
  }
  // The certificate is judged below and not by Node, which would close the socket before it could be asked why.
  const name = tls?.servername ?? hostOf(url)
  const identity = isIP(name) ? {} : { servername: name }
  const secure = { secureContext: contexts.get(tls), ALPNProtocols: ['http/1.1'], rejectUnauthorized: false }
  const socket = connectTls({ ...where, ...secure, ...identity })
  socket.on('error', onError)
  socket.on('connect', () => {
    progress.lap('connectMs')
    progress.phase = 'in the TLS handshake'
  })
  socket.on('secureConnect', () => {
    progress.lap('tlsMs')
    if (socket.authorized || tls?.insecure) onReady(socket)
    else reject(socket, name)
  })
  return socket
}

function reject(socket: TLSSocket, name: string): void {
  socket.destroy(new Error(certificateProblem(socket, name)))
}

/** One address is simply connected to; of several the first that answers is taken (Happy Eyeballs, RFC 8305). */
function destination(host: string, addresses: readonly Address[], port: number) {
  if (addresses.length === 1) return { host: addresses[0]!.address, port, noDelay: true }
  const lookup: LookupFunction = (_host, options, callback) => {
    if (options.all) callback(null, [...addresses])
    else callback(null, addresses[0]!.address, addresses[0]!.family)
  }
  return { host, port, noDelay: true, lookup, autoSelectFamily: true }
}
