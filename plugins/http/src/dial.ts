import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { certificateProblem, type SecureContexts } from '@uptimeserver/core/kit'
import type { Guard } from './guard/guard.js'
import { hostOf } from './host.js'
import type { Address, Names } from './names.js'
import type { TlsOptions } from './options.js'
import type { Progress } from './progress.js'
import { Race } from './race.js'

/** How connections are made. */
export interface DialOptions {
  readonly family: 4 | 6 | undefined
  readonly tls: TlsOptions | undefined
  readonly contexts: SecureContexts
  readonly names: Names
  readonly guard: Guard | undefined
}

export interface DialEvents {
  /** The connection may be spoken on: for https the certificate has been verified. Told once or never. */
  onReady(socket: Socket): void
  /** The end of it, also after it was ready. */
  onError(error: unknown): void
}

/**
 * Begins a connection to a URL's origin at one of these addresses. Every connection that this plugin makes is made
 * here, so here is where the guard stands. What comes back is the caller's to destroy: the socket itself where there is
 * only one address.
 */
export function dial(
  url: URL,
  found: readonly Address[],
  options: DialOptions,
  progress: Progress,
  events: DialEvents,
): Socket | Race {
  const addresses = options.guard?.permitted(hostOf(url), found) ?? found
  const secure = url.protocol === 'https:' ? secureOptions(url, options) : undefined
  const port = Number(url.port) || (secure ? 443 : 80)
  progress.phase = { connecting: addresses, port }
  const onConnect = (socket: Socket) => {
    progress.lap('connectMs')
    if (secure) progress.phase = 'in the TLS handshake'
    else events.onReady(socket)
  }
  const shake = (where: ConnectionOptions) =>
    handshake({ ...where, ...secure }, url, options, progress, events)
  if (addresses.length > 1) {
    const onFirst = (socket: Socket) => {
      onConnect(socket)
      if (secure) shake({ socket })
    }
    return new Race(addresses, port, { onConnect: onFirst, onError: events.onError })
  }
  const where = { host: addresses[0]!.address, port, noDelay: true }
  const socket = secure ? shake(where) : connect(where).on('error', events.onError)
  return socket.on('connect', () => onConnect(socket))
}

/** The certificate is judged below and not by Node, which would close the socket before it could be asked why. */
function secureOptions(url: URL, { tls, contexts }: DialOptions): ConnectionOptions {
  const name = certifiedName(url, tls)
  const identity = isIP(name) ? {} : { servername: name }
  const secureContext = contexts.get(tls)
  return { secureContext, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false, ...identity }
}

function handshake(
  how: ConnectionOptions,
  url: URL,
  { tls }: DialOptions,
  progress: Progress,
  { onReady, onError }: DialEvents,
): TLSSocket {
  const socket = connectTls(how)
  socket.on('error', onError)
  socket.on('secureConnect', () => {
    progress.lap('tlsMs')
    if (socket.authorized || tls?.insecure) onReady(socket)
    else socket.destroy(new Error(certificateProblem(socket, certifiedName(url, tls))))
  })
  return socket
}

function certifiedName(url: URL, tls: TlsOptions | undefined): string {
  return tls?.servername ?? hostOf(url)
}
