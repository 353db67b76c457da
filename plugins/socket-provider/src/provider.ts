import { resolve } from 'node:path'
import {
  type Discovery,
  type DiscoveryContext,
  type Provider,
  type ServiceTypes,
  sleep,
} from '@uptimeserver/core'
import { News } from '@uptimeserver/core/kit'
import { HeartbeatType, KIND } from './heartbeat.js'
import { Listener } from './listener.js'
import type { SocketProviderOptions } from './options.js'
import { Session } from './session.js'
import { standBy } from './standby.js'

/** Changes within so long make one set, in ms. */
const TOGETHER = 50

/** Lets other programs say what is to be watched. What it was told lives in a session, and in the state file beyond that. */
export class SocketProvider implements Provider {
  readonly name: string
  readonly socket: string
  readonly types: ServiceTypes
  readonly #options: SocketProviderOptions

  constructor(options: SocketProviderOptions) {
    this.name = options.name ?? 'socket-provider'
    this.socket = options.path
    this.types = { ...options.types, [KIND]: new HeartbeatType() }
    this.#options = options
  }

  async *discover({ clock, signal, log, folder = '.' }: DiscoveryContext): AsyncGenerator<Discovery> {
    const socket = resolve(folder, this.socket)
    const state = resolve(folder, this.#options.state ?? `${this.socket}.state`)
    const stop = new AbortController()
    const watched = AbortSignal.any([signal, stop.signal])
    const news = new News(watched)
    const session = new Session({ socket, state }, this.#options, { clock, log, tell: news.tell })
    yield* standBy(socket, session, clock, signal)
    if (signal.aborted) return
    const listener = await Listener.open(socket, clock, session.receive)
    listener.watch(clock, watched).catch(news.fail)
    try {
      await session.load()
      while (!watched.aborted) {
        yield session.discovery()
        await news.next()
        await sleep(clock, TOGETHER, watched)
      }
    } finally {
      stop.abort(new Error('nobody wants to know any more'))
      await session.close()
      await listener.close()
    }
  }
}
