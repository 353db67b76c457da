import type { DialOptions } from './dial.js'
import type { Exchange, Reply, Request } from './exchange.js'
import { Line } from './line.js'

/**
 * Keeps connections, by undici. When the server has closed one meanwhile, the request is sent once more on a new
 * one: that is not the service's failure.
 */
export class ReuseExchange implements Exchange {
  readonly #options: DialOptions
  readonly #idle = new Map<string, Line>()
  #isClosed = false

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
    this.#isClosed = true
    for (const line of this.#idle.values()) line.close()
    this.#idle.clear()
  }

  #keep(origin: string, line: Line): void {
    if (this.#isClosed || !line.isFree) return line.close()
    const other = this.#idle.get(origin)
    this.#idle.set(origin, line)
    other?.close()
  }
}
