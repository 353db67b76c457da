import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { buildConnector, Client, Dispatcher } from 'undici'
import { type DialOptions, dial, hostOf } from './dial.js'
import { BodyReader, type Exchange, type Reply, type Request } from './exchange.js'
import { MAX_HEADERS } from './messages.js'
import { certificateDays } from './tls.js'

/** An idle connection is kept until the server closes it, or this long, in ms. */
const KEEP = 600_000

type Undici = typeof import('undici')

/**
 * Keeps connections, by undici. When the server has closed one meanwhile, the request is sent once more on a new
 * one: that is not the service's failure.
 */
export class ReuseExchange implements Exchange {
  readonly #options: DialOptions
  readonly #idle = new Map<string, Line>()

  constructor(options: DialOptions) {
    this.#options = options
  }

  async send(request: Request): Promise<Reply> {
    const { origin } = request.url
    const undici = await import('undici')
    const kept = this.#idle.get(origin)
    this.#idle.delete(origin)
    const line = kept ?? new Line(undici, origin, this.#options)
    try {
      const reply = await line.send(request)
      this.#keep(origin, line)
      return reply
    } catch (error) {
      line.close()
      if (!kept || line.committed || request.signal.aborted) throw error
      return this.send(request)
    }
  }

  async close(): Promise<void> {
    for (const line of this.#idle.values()) line.close()
    this.#idle.clear()
  }

  #keep(origin: string, line: Line): void {
    const other = this.#idle.get(origin)
    this.#idle.set(origin, line)
    other?.close()
  }
}

/** One connection to one origin, made when it is needed. */
class Line {
  /** Whether the request under way had to connect, or has an answer: what fails then is the service's failure. */
  committed = false
  readonly #client: Client
  readonly #options: DialOptions
  #request: Request | undefined
  #socket: Socket | undefined

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
    const { url, method, headers, body, progress } = request
    progress.mark()
    progress.phase = 'waiting for the response headers'
    const path = url.pathname + url.search
    return new Promise((resolve, reject) => {
      const options = {
        method: method as Dispatcher.HttpMethod,
        path,
        headers: [...headers],
        body: body ?? null,
      }
      this.#client.dispatch(options, this.#handler(request, resolve, reject))
    })
  }

  close(): void {
    this.#socket?.destroy()
    this.#client.destroy().catch(() => undefined)
  }

  #connect(callback: buildConnector.Callback): void {
    const { url, progress, signal } = this.#request!
    this.committed = true
    const onError = (error: unknown) => callback(error as Error, null)
    const onReady = (socket: Socket) => {
      progress.phase = 'waiting for the response headers'
      callback(null, socket)
    }
    progress.phase = { resolving: hostOf(url) }
    this.#options.names.resolve(hostOf(url), this.#options.family).then((addresses) => {
      progress.lap('dnsMs')
      if (signal.aborted) return onError(signal.reason)
      this.#socket = dial(url, addresses, this.#options, progress, { onReady, onError })
    }, onError)
  }

  #handler(
    request: Request,
    resolve: (reply: Reply) => void,
    reject: (error: unknown) => void,
  ): Dispatcher.DispatchHandler {
    const { progress, signal, wantCertificate } = request
    const reader = new BodyReader(request)
    const abort = () => {
      reject(signal.reason)
      this.close()
    }
    const head = { status: 0, headers: {} as Reply['headers'] }
    const finish = () => {
      signal.removeEventListener('abort', abort)
      progress.lap('bodyMs')
      const days =
        wantCertificate && this.#socket instanceof TLSSocket ? certificateDays(this.#socket) : undefined
      resolve({ ...head, body: reader.body, truncated: reader.truncated, certificateDays: days })
    }
    return {
      onRequestStart: () => signal.addEventListener('abort', abort),
      onResponseStart: (_controller, status, headers) => {
        this.committed = true
        progress.lap('firstByteMs')
        progress.phase = { bytes: 0 }
        progress.status = status
        head.status = status
        head.headers = headers
      },
      onResponseData: (controller, chunk) => {
        if (reader.take(chunk)) return
        finish()
        controller.abort(new Error('enough of the body was read'))
      },
      onResponseEnd: finish,
      onResponseError: (_controller, error) => {
        signal.removeEventListener('abort', abort)
        reject(error)
      },
      onRequestUpgrade: (_controller, status, headers, socket) => {
        socket.destroy()
        Object.assign(head, { status, headers })
        finish()
      },
    }
  }
}
