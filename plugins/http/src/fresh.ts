import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { certificateDays } from '@uptimeserver/core/kit'
import { type DialOptions, dial } from './dial.js'
import { BodyReader, type Exchange, type Reply, type Request } from './exchange.js'
import { hostOf } from './host.js'
import { MAX_HEADERS } from './messages.js'
import type { Address } from './names.js'
import type { Race } from './race.js'

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
  #connection: Socket | Race | undefined
  #client: ClientRequest | undefined
  #certificateDays: number | undefined
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
    if (signal.aborted) return this.#onAbort()
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
    try {
      const { url, progress } = this.#request
      const events = { onReady: this.#onReady, onError: this.#fail }
      this.#connection = dial(url, addresses, this.#options, progress, events)
      // One address and no TLS: there is nothing to find out first, so the request may stand ready to be written.
      if (url.protocol === 'http:' && this.#connection instanceof Socket) this.#speak(this.#connection)
    } catch (error) {
      this.#fail(error)
    }
  }

  readonly #onReady = (socket: Socket): void => {
    const { progress, url, wantCertificate } = this.#request
    progress.phase = 'waiting for the response headers'
    this.#connection = socket
    if (wantCertificate && url.protocol === 'https:')
      this.#certificateDays = certificateDays(socket as TLSSocket)
    if (!this.#client) this.#speak(socket)
  }

  /** Throws nothing: it is called from where nobody would catch it. */
  #speak(socket: Socket): void {
    const { url, method, headers, body } = this.#request
    try {
      this.#client = httpRequest({
        createConnection: () => socket,
        method,
        path: url.pathname + url.search,
        headers,
        setHost: false,
        maxHeaderSize: MAX_HEADERS,
      })
      this.#client.on('error', this.#fail)
      this.#client.on('upgrade', this.#finish)
      this.#client.on('response', this.#onResponse)
      this.#client.end(body)
    } catch (error) {
      this.#fail(error)
    }
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
    this.#request.progress.lap('bodyMs')
    const { body, truncated } = this.#reader
    this.#end()
    // A complete response to a request that was taken has ended its connection by itself, which costs a third of
    // tearing it down. One that came early would leave it to a server that may never read the rest.
    if (!complete || !this.#client?.writableFinished) this.#connection?.destroy()
    this.#resolve({ status: statusCode, headers, body, truncated, certificateDays: this.#certificateDays })
  }

  readonly #fail = (error: unknown): void => {
    if (this.#isOver) return
    this.#end()
    this.#connection?.destroy()
    this.#reject(error)
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal.reason)

  #end(): void {
    this.#isOver = true
    this.#request.signal.removeEventListener('abort', this.#onAbort)
  }
}
