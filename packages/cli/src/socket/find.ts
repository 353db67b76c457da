import { dirname, resolve } from 'node:path'
import { type Provider, UptimeError } from '@uptimeserver/core'
import { loadResolved } from '../load-config.js'

export interface SocketOptions {
  readonly socket?: string
  readonly config?: string
  readonly json?: boolean
}

export interface Found {
  readonly path: string
  /** The zone of times without an offset: the config's, where it was read. */
  readonly zone: string
}

/** The socket that is named, or the one of the config. @throws UptimeError `CONFIG_…` */
export async function findSocket({ socket, config }: SocketOptions): Promise<Found> {
  if (socket !== undefined) return { path: resolve(socket), zone: 'UTC' }
  const { path, config: resolved } = await loadResolved(config)
  const [only, ...others] = resolved.providers
    .flatMap((provider) => socketOf(provider) ?? [])
    .map((socket) => resolve(dirname(path), socket))
  if (only !== undefined && !others.length) return { path: only, zone: resolved.zone }
  const found = only === undefined ? 'no provider with a socket' : `sockets ${[only, ...others].join(', ')}`
  const mend =
    only === undefined ? 'add socketProvider(), or name one with --socket' : 'name one with --socket'
  throw new UptimeError('CONFIG_INVALID', `${path}: found ${found}, expected one; ${mend}`)
}

function socketOf(provider: Provider & { readonly socket?: unknown }): string | undefined {
  return typeof provider.socket === 'string' ? provider.socket : undefined
}
