import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { BodyReader, type Reply, type Request } from './exchange.js'
import type { Line } from './line.js'

/**
 * One request on a line, from the call to its reply, failure or deadline. It hears the deadline by itself: undici
 * tells of a request only once it is connected.
 */
export class Turn implements Dispatcher.DispatchHandler {
  readonly #line: Line
  readonly #request: Request
  readonly #resolve: (reply: Reply) => void
  readonly #reject: (error: unknown) => void
  readonly #reader: BodyReader
  #status = 0
  #headers: Reply['headers'] = {}
  #certificateDays: number | undefined

  constructor(
    line: Line,
    request: Request,
    resolve: (reply: Reply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#line = line
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
    this.#reader = new BodyReader(request)
  }

  /** Returns whether there is still time for it. */
  start(): boolean {
    const { signal } = this.#request
    if (signal.aborted) this.#onAbort()
    else signal.addEventListener('abort', this.#onAbort)
    return !signal.aborted
  }

  /** undici takes this for the sign of a handler of today. */
  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number, headers: Reply['headers']): void {
    const { progress, wantCertificate } = this.#request
    this.#line.committed = true
    progress.lap('firstByteMs')
    progress.phase = { bytes: 0 }
    progress.status = status
    this.#status = status
    this.#headers = headers
    if (wantCertificate) this.#certificateDays = this.#line.certificateDays
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#reader.take(chunk)) return
    this.onResponseEnd()
    controller.abort(new Error('enough of the body was read'))
  }

  onResponseEnd(): void {
    this.#end()
    this.#request.progress.lap('bodyMs')
    const { body, truncated } = this.#reader
    const certificateDays = this.#certificateDays
    this.#resolve({ status: this.#status, headers: this.#headers, body, truncated, certificateDays })
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#end()
    this.#reject(error)
  }

  onRequestUpgrade(_: unknown, status: number, headers: Reply['headers'], socket: Duplex): void {
    socket.destroy()
    this.#status = status
    this.#headers = headers
    this.onResponseEnd()
  }

  readonly #onAbort = (): void => {
    this.onResponseError(undefined, this.#request.signal.reason)
    this.#line.close()
  }

  #end(): void {
    this.#request.signal.removeEventListener('abort', this.#onAbort)
  }
}
