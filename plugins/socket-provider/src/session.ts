import type { Socket } from 'node:net'
import { resolve } from 'node:path'
import type { Clock, Discovery, Logger, Skipped } from '@uptimeserver/core'
import { type Answer, refusal } from './answers.js'
import { Book } from './book.js'
import { Connection, type ConnectionHost } from './connection.js'
import { Desk } from './desk.js'
import { Keeper } from './keeper.js'
import { type Limits, limitsOf, type SocketProviderOptions } from './options.js'
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
  readonly #book: Book
  readonly #file: StateFile
  readonly #keeper: Keeper
  readonly #desk: Desk
  readonly #sockets = new Set<Socket>()
  #damage: string | undefined
  #isClosed = false
  #onLoaded: () => void = () => undefined
  readonly #loaded = new Promise<void>((loaded) => {
    this.#onLoaded = loaded
  })

  constructor(socket: string, options: SocketProviderOptions, { clock, log, tell }: SessionParts) {
    const { limits, turns } = { limits: limitsOf(options.limits), turns: this.turns }
    this.clock = clock
    this.limits = limits
    this.#log = log
    this.#book = new Book(options, clock)
    this.#file = new StateFile(resolve(options.state ?? `${socket}.state`))
    this.#keeper = new Keeper(() => this.#file.write(this.#book.items()), clock, tell)
    const keep = () => this.#keeper.keep()
    const keepSoon = () => this.#keeper.keepSoon()
    this.#desk = new Desk({ book: this.#book, limits, turns, clock, keep, keepSoon, tell })
  }

  /** Takes up what an earlier session was told; clients are answered from then on. @throws UptimeError `PROVIDER_FAILED` */
  async load(): Promise<void> {
    const { items, damage } = await this.#file.read(this.clock.now())
    for (const item of items) this.#book.restore(item)
    this.#damage = damage
    if (damage !== undefined) {
      this.#log.warn(`${this.#file.path}: ${damage}`)
      await this.#keeper.keep()
    }
    this.#onLoaded()
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

  #troubles(): Skipped[] {
    const what = this.#file.path
    const { trouble } = this.#keeper
    const unwritten = trouble && `it cannot be written, so nothing new would outlive a restart: ${trouble}`
    return [this.#damage, unwritten].flatMap((reason) => (reason ? [{ what, reason }] : []))
  }
}

function tooMany(connections: number): string {
  return refusal({
    path: '',
    found: `more than ${connections} connections`,
    expected: `at most ${connections} at a time`,
    hint: 'close those that are done, or raise limits.connections of the provider',
  })
}
