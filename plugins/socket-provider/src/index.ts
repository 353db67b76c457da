import { definePlugin, type Provider } from '@uptimeserver/core'
import { type SocketProviderOptions, schema } from './options.js'
import { SocketProvider } from './provider.js'

export type { SocketLimits, SocketProviderOptions } from './options.js'

/** A provider, and where its socket is: clients such as `uptime socket` find it there. */
export interface SocketProviding extends Provider {
  /** The path of the unix socket, as it was given: absolute, or relative to the config's folder. */
  readonly socket: string
}

/**
 * Listens at a unix socket where other programs declare services, and report the results of those that are checked
 * elsewhere. Needs Linux, macOS or another Unix.
 *
 * @example
 * socketProvider({ path: '/run/uptime/uptime.sock', types: { http } })
 */
export const socketProvider = definePlugin<SocketProviderOptions, SocketProviding>({
  name: 'socket-provider',
  schema,
  create: (options) => new SocketProvider(options),
})
