import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls'
import type { TlsOptions } from '@uptimeserver/core'
import { certificateProblem, type SecureContexts } from '@uptimeserver/core/kit'
import type { buildConnector } from 'undici'
import type { Auth } from './auth.js'

export interface Identity {
  readonly auth: Auth
  readonly tls: TlsOptions | undefined
  readonly contexts: SecureContexts
}

/**
 * Begins to connect to a host. The socket is the caller's to destroy, also before `done` is told: undici would leave one
 * that never gets there to itself.
 */
export function connectTo(url: URL, identity: Identity, done: buildConnector.Callback): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isSecure = url.protocol === 'https:'
  const where = { host, port: Number(url.port) || (isSecure ? 443 : 80) }
  const socket = isSecure ? connectTls({ ...where, ...secureOptions(host, identity) }) : connect(where)
  const fail = (error: Error) => done(error, null)
  const ready = () => {
    const problem = problemWith(socket, host, identity.tls)
    if (problem !== undefined) return socket.destroy(new Error(problem))
    socket.off('error', fail)
    done(null, socket)
  }
  return socket
    .setNoDelay()
    .once('error', fail)
    .once(isSecure ? 'secureConnect' : 'connect', ready)
}

function secureOptions(host: string, { tls, auth, contexts }: Identity): ConnectionOptions {
  return {
    secureContext: contexts.get(auth.type === 'cert' ? { ...tls, ...auth } : tls),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    servername: tls?.servername || (isIP(host) ? '' : host),
  }
}

/**
 * A certificate is judged here, before anything is sent, and not by Node, which would close the socket before it could be
 * asked why.
 */
function problemWith(socket: Socket, host: string, tls: TlsOptions | undefined): string | undefined {
  if (!(socket instanceof TLSSocket) || socket.authorized || tls?.insecure) return undefined
  return certificateProblem(socket, tls?.servername || host)
}
