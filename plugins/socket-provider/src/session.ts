import type { Socket } from 'node:net'
import type { Clock, Discovery, Logger, Skipped } from '@uptimeserver/core'
import { type Answer, refusal } from './answers.js'
import { Book } from './book.js'
import { Connection, type ConnectionHost } from './connection.js'
import { Desk } from './desk.js'
import { Keeper } from './keeper.js'
import { type Limits, limitsOf, type Place, type SocketProviderOptions } from './options.js'
import { StateFile } from './state-file.js'
import { Turns } from './turns.js'

interface SessionParts {
  readonly clock: Clock
  readonly log: Logger
  /** What is to be discovered has changed. */
  tell(): void
}

/** One stretch of listening: what was declared, who is connected, what is still to be written. */
export class Session implements ConnectionHost {
  readonly clock: Clock
  readonly limits: Limits
  readonly turns = new Turns()
  readonly #log: Logger
  readonly #socket: string
  readonly #book: Book
  readonly #file: StateFile
  readonly #keeper: Keeper
  readonly #desk: Desk
  readonly #sockets = new Set<Socket>()
  #damage: string | undefined
  #holder: string | undefined
  #isClosed = false
  #onLoaded: () => void = () => undefined
  readonly #loaded = new Promise<void>((loaded) => {
    this.#onLoaded = loaded
  })

  constructor({ socket, state }: Place, options: SocketProviderOptions, { clock, log, tell }: SessionParts) {
    const { limits, turns } = { limits: limitsOf(options.limits), turns: this.turns }
    this.clock = clock
    this.limits = limits
    this.#log = log
    this.#socket = socket
    this.#book = new Book(options, clock)
    this.#file = new StateFile(state, clock)
    this.#keeper = new Keeper(() => this.#write(), clock, tell)
    const keep = () => this.#keeper.keep()
    const keepSoon = () => this.#keeper.keepSoon()
    this.#desk = new Desk({ book: this.#book, limits, turns, clock, keep, keepSoon, tell })
  }

  /** Takes up what an earlier session was told; clients are answered from then on. @throws UptimeError `PROVIDER_FAILED` */
  async load(): Promise<void> {
    const { items, damage } = await this.#file.read(this.clock.now())
    this.#book.mirror(items)
    this.#holder = undefined
    this.#damage = damage
    if (damage !== undefined) {
      this.#log.warn(`${this.#file.path}: ${damage}`)
      await this.#keeper.keep()
    }
    if (this.#book.hasHeartbeats) this.#keeper.keepSoon()
    this.#onLoaded()
  }

  /** Takes up what another process, who listens, has written. Whether there is anything new. @throws UptimeError `PROVIDER_FAILED` */
  async peek(holder: string): Promise<boolean> {
    const items = await this.#file.peek()
    if (items) this.#book.mirror(items)
    const isNews = items !== undefined || holder !== this.#holder
    this.#holder = holder
    return isNews
  }

  discovery(): Discovery {
    return { services: this.#book.services(), skipped: [...this.#troubles(), ...this.#book.skipped()] }
  }

  async answer(line: Uint8Array): Promise<Answer> {
    await this.#loaded
    return this.#desk.answer(line)
  }

  readonly receive = (socket: Socket): void => {
    const { connections } = this.limits
    const taken = this.#sockets.size
    // Those that are told why are a few as well.
    if (this.#isClosed || taken >= 2 * connections) return void socket.destroy()
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const connection = new Connection(socket, this)
    if (taken < connections) void connection.run()
    else void connection.sendAway(tooMany(connections))
  }

  /** Hangs up, and writes what is not written yet. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const socket of this.#sockets) socket.destroy()
    await this.#keeper.close()
  }

  /** Silence goes on after a crash from where it was written. */
  async #write(): Promise<void> {
    await this.#file.write(this.#book.items())
    if (this.#book.hasHeartbeats) this.#keeper.keepSoon()
  }

  #troubles(): Skipped[] {
    if (this.#holder !== undefined)
      return [{ what: this.#socket, reason: standby(this.#holder), harmless: true }]
    const what = this.#file.path
    const { trouble } = this.#keeper
    const unwritten = trouble && `it cannot be written, so nothing new would outlive a restart: ${trouble}`
    return [this.#damage, unwritten].flatMap((reason) => (reason ? [{ what, reason }] : []))
  }
}

function standby(holder: string): string {
  return `${holder} listens there; this one takes over when that ends`
}

function tooMany(connections: number): string {
  return refusal({
    path: '',
    found: `more than ${connections} connections`,
    expected: `at most ${connections} at a time`,
    hint: 'close those that are done, or raise limits.connections of the provider',
  })
}
