import { Socket } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type { TlsOptions } from '@uptimeserver/core'
import { raceSignal, SecureContexts } from '@uptimeserver/core/kit'
import type { Client, ClientConfig, CustomTypesConfig } from 'pg'
import { loaded } from '../driver.js'
import type { Settings } from '../settings.js'
import { usable } from '../uri.js'
import { typeParsers } from './values.js'

/** A connection, and the socket below it, which ends it in every state. */
export interface Connection {
  readonly client: Client
  readonly socket: Socket
}

const KEEPALIVE_AFTER = 10_000

/** @param signal ends the attempt, of which nothing is left then */
export async function connect({ uri, tls }: Settings, signal: AbortSignal): Promise<Connection> {
  const { default: pg } = await loaded('pg', 'PostgreSQL', () => import('pg'))
  const socket = new Socket()
  const client = new pg.Client(configOf(usable(uri), socket, tls, typeParsers(pg.types)))
  // What befalls it while it connects is told by connect(), too.
  client.on('error', () => undefined)
  try {
    await raceSignal(client.connect(), signal)
    return { client, socket }
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function configOf(
  connectionString: string,
  socket: Socket,
  tls: TlsOptions | undefined,
  types: CustomTypesConfig,
): ClientConfig {
  return {
    connectionString,
    types,
    stream: () => socket,
    fallback_application_name: 'uptimeserver',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER,
    ...(tls && { ssl: sslOf(tls) }),
  }
}

function sslOf(tls: TlsOptions): ConnectionOptions {
  const { servername, insecure } = tls
  return {
    secureContext: new SecureContexts().get(tls),
    ...(insecure && { rejectUnauthorized: false }),
    // The driver puts the host in the place of `servername`, unless it is an address.
    ...(servername && {
      servername,
      checkServerIdentity: (_, certificate) => checkServerIdentity(servername, certificate),
    }),
  }
}
