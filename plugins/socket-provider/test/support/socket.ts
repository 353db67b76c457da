import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Discovery, DiscoveryContext, Provider } from '@uptimeserver/core'
import { quietContext } from '@uptimeserver/testing'

/** A folder for sockets, which is taken away in the end. */
export class Place implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'uptime-socket-'))
  readonly socket = join(this.folder, 'run/uptime.sock')

  get state(): string {
    return `${this.socket}.state`
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of a reply is what is tested
export type Reply = any

/** A program that speaks to a provider. */
export class Client implements Disposable {
  readonly socket: Socket
  readonly #lines: AsyncIterator<string>

  private constructor(socket: Socket) {
    this.socket = socket
    this.#lines = createInterface({ input: socket })
      .on('error', () => undefined)
      [Symbol.asyncIterator]()
  }

  static async open(path: string): Promise<Client> {
    const socket = connect({ path, allowHalfOpen: true }).on('error', () => undefined)
    await once(socket, 'connect')
    return new Client(socket)
  }

  write(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  /** The next reply; `undefined`: the provider has hung up. */
  async next(): Promise<Reply | undefined> {
    const { value, done } = await this.#lines.next()
    return done ? undefined : JSON.parse(value)
  }

  ask(request: object): Promise<Reply> {
    this.write(`${JSON.stringify(request)}\n`)
    return this.next()
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

/** One request over a connection of its own. */
export async function ask(path: string, request: object): Promise<Reply> {
  using client = await Client.open(path)
  return await client.ask(request)
}

/** A provider that runs, and every set that it has yielded. */
export class Discovering implements AsyncDisposable {
  readonly sets: Discovery[] = []
  error: unknown
  readonly #end = new AbortController()
  readonly #done: Promise<void>
  #heard: (() => void)[] = []

  constructor(provider: Provider, context: Partial<DiscoveryContext> = {}) {
    this.#done = this.#follow(provider, { ...quietContext(this.#end.signal), ...context })
  }

  static async of(provider: Provider, context?: Partial<DiscoveryContext>): Promise<Discovering> {
    const running = new Discovering(provider, context)
    await running.until(({ length }) => length > 0)
    return running
  }

  get names(): string[] {
    return (this.sets.at(-1)?.services ?? []).map(({ name }) => name).sort()
  }

  /** Waits for sets that fit. @throws what the provider threw */
  async until(fits: (sets: readonly Discovery[]) => boolean): Promise<void> {
    while (!fits(this.sets)) {
      if (this.error) throw this.error
      await new Promise<void>((resolve) => this.#heard.push(resolve))
    }
  }

  untilNames(...names: readonly string[]): Promise<void> {
    return this.until(() => String(this.names) === String(names))
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('stopped'))
    await this.#done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #follow(provider: Provider, context: DiscoveryContext): Promise<void> {
    try {
      for await (const set of provider.discover(context)) {
        this.sets.push(set)
        this.#tell()
      }
    } catch (error) {
      this.error = error
    }
    this.#tell()
  }

  #tell(): void {
    for (const hear of this.#heard.splice(0)) hear()
  }
}
