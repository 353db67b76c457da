import { connect, type Socket } from 'node:net'
import type { Address } from './names.js'

/** When an address has not answered by then, in ms, the next is tried beside it (RFC 8305, section 8). */
const ATTEMPT_DELAY = 250

/** `onConnect` comes once or not at all; after it `onError` tells of the connection that was taken. */
export interface RaceEvents {
  onConnect(socket: Socket): void
  onError(error: unknown): void
}

/**
 * Connects to the first of several addresses that answers (Happy Eyeballs, RFC 8305). Nobody who is slow is given up
 * for that: only the first connection, the last failure or {@link Race.destroy} ends it. (`autoSelectFamily` of
 * `node:net` drops each attempt after 250 ms, so that one lost packet would look like an outage.)
 */
export class Race {
  readonly #port: number
  readonly #events: RaceEvents
  readonly #waiting: Address[]
  readonly #running = new Set<Socket>()
  readonly #errors: Error[] = []
  #timer: NodeJS.Timeout | undefined
  #isWon = false

  constructor(addresses: readonly Address[], port: number, events: RaceEvents) {
    this.#port = port
    this.#events = events
    this.#waiting = alternate(addresses)
    this.#tryNext()
  }

  /** Ends all of it, the connection that was taken included. */
  destroy(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
    for (const socket of this.#running) socket.destroy()
    this.#running.clear()
  }

  #tryNext(): void {
    clearTimeout(this.#timer)
    const { address: host } = this.#waiting.shift()!
    const socket = connect({ host, port: this.#port, noDelay: true })
    this.#running.add(socket)
    socket.on('error', (error) => this.#onError(socket, error))
    socket.on('connect', () => this.#win(socket))
    if (this.#waiting.length) this.#timer = setTimeout(() => this.#tryNext(), ATTEMPT_DELAY)
  }

  #win(socket: Socket): void {
    this.#isWon = true
    this.#running.delete(socket)
    this.destroy()
    this.#running.add(socket)
    this.#events.onConnect(socket)
  }

  #onError(socket: Socket, error: Error): void {
    if (!this.#running.delete(socket)) return
    if (this.#isWon) return this.#events.onError(error)
    this.#errors.push(error)
    if (this.#waiting.length) this.#tryNext()
    else if (!this.#running.size) this.#events.onError(new AggregateError(this.#errors))
  }
}

/** The families in turn, so that one that leads nowhere holds up the other for one delay only. */
function alternate(addresses: readonly Address[]): Address[] {
  const [first, second] = [4, 6].map((family) => addresses.filter((address) => address.family === family))
  const longer = Math.max(first!.length, second!.length)
  return Array.from({ length: longer }, (_, index) => [first![index], second![index]])
    .flat()
    .filter((address) => address !== undefined)
}
