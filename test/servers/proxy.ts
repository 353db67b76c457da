import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What becomes of what goes through: `pass`; `cut` (connections are refused and open ones closed); `hang` (they are taken, and
 * nothing comes through); `reset` (RST at once); `delay` and `drip` in ms; `swallow` (requests reach the server, its replies do not
 * come back).
 */
export type ProxyMode =
  | { readonly mode: 'pass' | 'cut' | 'hang' | 'reset' | 'swallow' }
  | { readonly mode: 'delay'; readonly ms: number }
  | { readonly mode: 'drip'; readonly bytes: number; readonly ms: number }

/** A TCP proxy on a port of its own, for the faults between a client and a server. */
export class TcpProxy implements AsyncDisposable {
  #mode: ProxyMode = { mode: 'pass' }
  readonly #target: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer({ allowHalfOpen: false }, (socket) => this.#take(socket))
  readonly #clients = new Set<Socket>()
  readonly #muted = new WeakSet<Socket>()
  #swallowed = 0
  #accepted = 0
  /** How many replies come before the one that is swallowed. */
  #left = Number.POSITIVE_INFINITY

  static async to(port: number, host = '127.0.0.1'): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host, port })
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  private constructor(target: { host: string; port: number }) {
    this.#target = target
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size / 2
  }

  /** How many connections there were. */
  get accepted(): number {
    return this.#accepted
  }

  /**
   * Open connections stay open, and nothing comes back over them any more, not even an end. New ones are as they should be.
   * Returns how many there are.
   */
  mute(): number {
    for (const client of this.#clients) this.#muted.add(client)
    return this.#clients.size
  }

  /** Lets so many replies through, and swallows the next one: that connection ends, and all goes on. */
  swallowOne(after: number): void {
    this.#left = after
  }

  /** How many replies were swallowed. */
  get swallowed(): number {
    return this.#swallowed
  }

  set(mode: ProxyMode['mode'] | ProxyMode): void {
    this.#mode = typeof mode === 'string' ? ({ mode } as ProxyMode) : mode
    if (this.#mode.mode === 'cut' || this.#mode.mode === 'reset') this.cut()
  }

  /** Closes every open connection, once. */
  cut(): void {
    for (const socket of this.#sockets)
      this.#mode.mode === 'reset' ? socket.resetAndDestroy() : socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #take(client: Socket): void {
    this.#accepted++
    if (this.#mode.mode === 'cut') return void client.destroy()
    if (this.#mode.mode === 'reset') return void client.resetAndDestroy()
    const server = connect(this.#target.port, this.#target.host)
    this.#clients.add(client)
    this.#join(client, server)
    this.#join(server, client)
    void this.#pump(client, server, true)
    void this.#pump(server, client, false)
  }

  #join(socket: Socket, other: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#clients.delete(socket)
      if (!this.#muted.has(other)) other.destroy()
    })
  }

  async #pump(from: Socket, to: Socket, isRequest: boolean): Promise<void> {
    try {
      for await (const chunk of from) await this.#pass(chunk as Buffer, to, isRequest)
      if (!this.#muted.has(to)) to.end()
    } catch {
      if (!this.#muted.has(to)) to.destroy()
    }
  }

  async #pass(chunk: Buffer, to: Socket, isRequest: boolean): Promise<void> {
    while (this.#mode.mode === 'hang') await sleep(10)
    const mode = this.#mode
    if (!isRequest && this.#muted.has(to)) return
    if (!isRequest && (mode.mode === 'swallow' || this.#left-- <= 0)) {
      this.#left = Number.POSITIVE_INFINITY
      this.#swallowed++
      to.destroy()
      return
    }
    if (mode.mode === 'delay') await sleep(mode.ms)
    if (mode.mode !== 'drip') return write(to, chunk)
    for (let at = 0; at < chunk.length; at += mode.bytes) {
      await write(to, chunk.subarray(at, at + mode.bytes))
      await sleep(mode.ms)
    }
  }
}

function write(socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.write(chunk, () => resolve())
  })
}
