import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { certificateDays } from '@uptimeserver/core/kit'
import type { buildConnector, Client, Dispatcher } from 'undici'
import { type DialEvents, type DialOptions, dial } from './dial.js'
import type { Reply, Request } from './exchange.js'
import { hostOf } from './host.js'
import { MAX_HEADERS } from './messages.js'
import type { Address } from './names.js'
import type { Progress } from './progress.js'
import type { Race } from './race.js'
import { Turn } from './turn.js'

/** An idle connection is kept until the server closes it, or this long, in ms. */
const KEEP = 600_000

type Undici = typeof import('undici')

/** One connection to one origin, made when it is needed. */
export class Line {
  /** Whether the request under way had to connect, or has an answer: what fails then is the service's failure. */
  committed = false
  readonly #client: Client
  readonly #options: DialOptions
  #request: Request | undefined
  #connection: Socket | Race | undefined

  constructor({ Client }: Undici, origin: string, options: DialOptions) {
    this.#options = options
    this.#client = new Client(origin, {
      connect: (_, callback) => this.#connect(callback),
      pipelining: 1,
      keepAliveTimeout: KEEP,
      keepAliveMaxTimeout: KEEP,
      maxHeaderSize: MAX_HEADERS,
      // The deadline is ours, over all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  send(request: Request): Promise<Reply> {
    this.#request = request
    this.committed = false
    const { url, headers, body = null, progress } = request
    progress.mark()
    progress.phase = 'waiting for the response headers'
    const method = request.method as Dispatcher.HttpMethod
    const options = { method, path: url.pathname + url.search, headers: [...headers], body }
    return new Promise((resolve, reject) => {
      const turn = new Turn(this, request, resolve, reject)
      if (turn.start()) this.#client.dispatch(options, turn)
    })
  }

  /** Whether the server has taken all that was sent; what lies behind the rest would have to wait for it. */
  get isFree(): boolean {
    return !(this.#connection as Socket | undefined)?.writableLength
  }

  get certificateDays(): number | undefined {
    return this.#connection instanceof TLSSocket ? certificateDays(this.#connection) : undefined
  }

  close(): void {
    this.#connection?.destroy()
    this.#client.destroy().catch(() => undefined)
  }

  #connect(callback: buildConnector.Callback): void {
    const { url, progress, signal } = this.#request!
    const events = this.#eventsFor(callback, progress)
    const host = hostOf(url)
    this.committed = true
    progress.phase = { resolving: host }
    const connect = (addresses: readonly Address[]) => {
      progress.lap('dnsMs')
      signal.throwIfAborted()
      this.#connection = dial(url, addresses, this.#options, progress, events)
    }
    this.#options.names.resolve(host, this.#options.family).then(connect).catch(events.onError)
  }

  /** undici wants to be told once; what becomes of the connection later it sees for itself. */
  #eventsFor(callback: buildConnector.Callback, progress: Progress): DialEvents {
    let isTold = false
    const tell = (...result: Parameters<buildConnector.Callback>) => {
      if (!isTold) callback(...result)
      isTold = true
    }
    return {
      onError: (error) => tell(error as Error, null),
      onReady: (socket) => {
        progress.phase = 'waiting for the response headers'
        this.#connection = socket
        tell(null, socket)
      },
    }
  }
}
