import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type DialOptions, dial, hostOf } from './dial.js'
import { BodyReader, type Exchange, type Reply, type Request } from './exchange.js'
import { MAX_HEADERS } from './messages.js'
import type { Address } from './names.js'
import { certificateDays } from './tls.js'

/**
 * Connects anew for each request, by `node:http` on a socket of our own: no agent and no pool, which makes it the
 * leanest way that still has a real parser (see test/bench/RESULTS.md).
 */
export class FreshExchange implements Exchange {
  readonly #options: DialOptions

  constructor(options: DialOptions) {
    this.#options = options
  }

  send(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => new Conversation(request, this.#options, resolve, reject).start())
  }

  async close(): Promise<void> {}
}

/** One request on one connection. Callbacks instead of promises: this is what most of a monitor's time goes into. */
class Conversation {
  readonly #request: Request
  readonly #options: DialOptions
  readonly #resolve: (reply: Reply) => void
  readonly #reject: (error: unknown) => void
  readonly #reader: BodyReader
  #socket: Socket | undefined
  #isOver = false

  constructor(
    request: Request,
    options: DialOptions,
    resolve: (reply: Reply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.#reader = new BodyReader(request)
  }

  start(): void {
    const { url, signal } = this.#request
    signal.addEventListener('abort', this.#onAbort)
    const host = hostOf(url)
    const known = this.#options.names.known(host)
    if (known) this.#connect(known)
    else this.#lookUp(host)
  }

  #lookUp(host: string): void {
    const { progress } = this.#request
    progress.phase = { resolving: host }
    this.#options.names.resolve(host, this.#options.family).then((addresses) => {
      progress.lap('dnsMs')
      this.#connect(addresses)
    }, this.#fail)
  }

  #connect(addresses: readonly Address[]): void {
    if (this.#isOver) return
    const { url, progress } = this.#request
    const isSecure = url.protocol === 'https:'
    const onReady = (socket: Socket) => {
      progress.phase = 'waiting for the response headers'
      if (isSecure) this.#speak(socket)
    }
    this.#socket = dial(url, addresses, this.#options, progress, { onReady, onError: this.#fail })
    // Without TLS there is nothing to verify first, so the request may stand ready to be written.
    if (!isSecure) this.#speak(this.#socket)
  }

  #speak(socket: Socket): void {
    const { url, method, headers, body } = this.#request
    const client: ClientRequest = httpRequest({
      createConnection: () => socket,
      method,
      path: url.pathname + url.search,
      headers,
      setHost: false,
      maxHeaderSize: MAX_HEADERS,
    })
    client.on('error', this.#fail)
    client.on('upgrade', this.#finish)
    client.on('response', this.#onResponse)
    client.end(body)
  }

  readonly #onResponse = (response: IncomingMessage): void => {
    const { progress } = this.#request
    progress.lap('firstByteMs')
    progress.status = response.statusCode
    progress.phase = { bytes: 0 }
    response.on('error', this.#fail)
    response.on('end', () => this.#finish(response))
    response.on('data', (chunk: Buffer) => {
      if (!this.#reader.take(chunk)) this.#finish(response)
    })
  }

  readonly #finish = ({ statusCode = 0, headers, complete }: IncomingMessage): void => {
    if (this.#isOver) return
    const { progress, wantCertificate, url } = this.#request
    progress.lap('bodyMs')
    const isAsked = wantCertificate && url.protocol === 'https:'
    const days = isAsked ? certificateDays(this.#socket as TLSSocket) : undefined
    const { body, truncated } = this.#reader
    this.#end()
    // A response that is complete has ended its connection by itself, which costs a third of tearing it down.
    if (!complete) this.#socket?.destroy()
    this.#resolve({ status: statusCode, headers, body, truncated, certificateDays: days })
  }

  readonly #fail = (error: unknown): void => {
    if (this.#isOver) return
    this.#end()
    this.#socket?.destroy()
    this.#reject(error)
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal.reason)

  #end(): void {
    this.#isOver = true
    this.#request.signal.removeEventListener('abort', this.#onAbort)
  }
}
