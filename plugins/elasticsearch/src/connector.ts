import { TLSSocket } from 'node:tls'
import type { TlsOptions } from '@uptimeserver/core'
import { certificateProblem, type SecureContexts } from '@uptimeserver/core/kit'
import { buildConnector } from 'undici'
import type { Auth } from './auth.js'

export interface Identity {
  readonly auth: Auth
  readonly tls: TlsOptions | undefined
  readonly contexts: SecureContexts
}

/**
 * How a host is connected to. Its certificate is judged here, before anything is sent, and not by Node, which would close
 * the socket before it could be asked why.
 */
export function connectorTo(hostname: string, { tls, auth, contexts }: Identity): buildConnector.connector {
  const { servername, insecure, ...rest } = tls ?? {}
  const certificate = auth.type === 'cert' ? withoutType(auth) : {}
  const connect = buildConnector({
    // The check's signal is the deadline.
    timeout: 0,
    // Of a session that is resumed Node does not compare the name.
    maxCachedSessions: 0,
    rejectUnauthorized: false,
    secureContext: contexts.get({ ...rest, ...certificate }),
    ...(servername && { servername }),
  })
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null)
      const isTrusted = !(socket instanceof TLSSocket) || socket.authorized || insecure
      if (isTrusted) return callback(null, socket)
      const problem = new Error(certificateProblem(socket, servername || hostname))
      socket.destroy()
      callback(problem, null)
    })
}

function withoutType({ type: _, ...certificate }: Extract<Auth, { type: 'cert' }>) {
  return certificate
}
