import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Clock } from '@uptimeserver/core'
import { type Answer, refusal } from './answers.js'
import { LineTooLong, linesOf } from './lines.js'
import type { Limits } from './options.js'
import type { Turns } from './turns.js'

/** Replies that wait for the disk, at most; before that the next request of the connection is not read. */
const MOST_WAITING = 100
/** How long a client that is sent away may take to read why, in ms. */
const FAREWELL = 1_000

export interface ConnectionHost {
  readonly clock: Clock
  readonly limits: Limits
  readonly turns: Turns
  /** Answers a request. Never throws. */
  answer(line: Uint8Array): Promise<Answer>
}

/** One client: requests are answered in their order, and none is read before there is room for its reply. */
export class Connection {
  readonly #socket: Socket
  readonly #host: ConnectionHost
  #stopTimer: () => void = () => undefined
  #waiting = 0
  #replies: Promise<void> = Promise.resolve()

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
  }

  /** Answers until the client ends, is too slow, or asks for too much. Never throws. */
  async run(): Promise<void> {
    // A client that is gone is no error of ours.
    this.#socket.on('error', () => undefined)
    this.#waitForClient()
    try {
      await this.#serve()
    } catch (error) {
      if (error instanceof LineTooLong) await this.#replies.then(() => this.sendAway(this.#tooLong()))
    } finally {
      this.#end()
    }
  }

  /** Tells a client why it is sent away. It may be writing still, and would miss the reason if that were broken off. */
  async sendAway(why: string): Promise<void> {
    const socket = this.#socket
    socket.on('error', () => undefined)
    const stop = this.#host.clock.timer(() => socket.destroy(), FAREWELL)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.end(`${why}\n`)
    socket.once('end', () => socket.destroySoon()).resume()
    if (!socket.destroyed) await closed
    stop()
  }

  async #serve(): Promise<void> {
    const chunks = this.#socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
    const { limits, turns } = this.#host
    for await (const line of linesOf(chunks, limits.line, this.#onRest)) {
      await turns.next()
      this.#reply(await this.#host.answer(line))
      if (this.#waiting >= MOST_WAITING) await this.#replies
      if (this.#socket.writableNeedDrain) await this.#drained()
      this.#waitForClient()
    }
    await this.#replies
  }

  readonly #onRest = (): void => {
    const rest = { path: '', found: 'a line without its end', expected: 'a newline behind each request' }
    this.#reply({ reply: refusal(rest) })
  }

  #reply({ reply, kept }: Answer): void {
    this.#waiting++
    this.#replies = this.#replies.then(async () => {
      const text = typeof reply === 'string' ? reply : reply(await kept)
      this.#waiting--
      if (this.#socket.writable) this.#socket.write(`${text}\n`)
    })
  }

  /** What is still to be delivered has its time as well. */
  #end(): void {
    if (this.#socket.closed) return this.#stopTimer()
    this.#waitForClient()
    this.#socket.once('close', () => this.#stopTimer()).destroySoon()
  }

  async #drained(): Promise<void> {
    this.#waitForClient()
    const gone = new AbortController()
    const onClose = () => gone.abort()
    this.#socket.once('close', onClose)
    await once(this.#socket, 'drain', { signal: gone.signal }).finally(() =>
      this.#socket.off('close', onClose),
    )
  }

  /** It has so long for its next request as a whole, or for reading a reply. */
  #waitForClient(): void {
    this.#stopTimer()
    this.#stopTimer = this.#host.clock.timer(() => this.#socket.destroy(), this.#host.limits.idle)
  }

  #tooLong(): string {
    const { line } = this.#host.limits
    return refusal({
      path: '',
      found: `a line of more than ${line} bytes`,
      expected: `at most ${line}`,
      hint: 'send it in parts, or raise limits.line of the provider',
    })
  }
}
