import type { Authority, Pem } from './certificates.js'
import { freed, type ServerOptions, type ServerProcess, startProcess } from './process.js'
import type { SearchPlace } from './search-place.js'
import { requestsTo, type SearchCredentials, type SearchRequest } from './search-request.js'
import type { SearchMode, SearchServer } from './search-server.js'
import { type SearchUser, USERS } from './search-users.js'

type Command = Pick<ServerOptions, 'command' | 'args' | 'env' | 'cwd'>

/** What the two servers differ in. */
export interface SearchParts {
  readonly place: SearchPlace
  readonly mode: SearchMode
  readonly port: number
  readonly authority: Authority | undefined
  readonly masterless?: boolean | undefined
  /** Writes what it is started with, and resolves how. */
  prepare(): Promise<Command>
  tokenOf(user: SearchUser, admin: SearchRequest): Promise<string>
}

export async function startNode(parts: SearchParts): Promise<SearchServer> {
  const { mode, authority } = parts
  const certificate = mode === 'mtls' ? await authority!.issue({ names: ['admin'] }) : {}
  const node = new Node(parts, { ...(mode !== 'none' && USERS.admin), ...certificate })
  try {
    await node.start()
  } catch (error) {
    await node[Symbol.asyncDispose]()
    throw error
  }
  return node
}

class Node implements SearchServer {
  readonly url: string
  readonly port: number
  readonly mode: SearchMode
  readonly ca: string | undefined
  readonly authority: Authority | undefined
  readonly users = USERS
  readonly request: SearchRequest
  readonly #parts: SearchParts
  #command: Command | undefined
  #process: ServerProcess | undefined

  constructor(parts: SearchParts, admin: SearchCredentials) {
    const { port, mode } = parts
    const isTls = mode === 'tls' || mode === 'mtls'
    this.#parts = parts
    this.port = port
    this.mode = mode
    this.authority = isTls ? parts.authority : undefined
    this.ca = this.authority?.ca
    this.url = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`
    this.request = this.as(admin)
  }

  async start(): Promise<void> {
    this.#command ??= await this.#prepare()
    await freed(this.port)
    const isReady = () => this.#isReady()
    this.#process = await startProcess({ ...this.#command, isReady, patience: 120_000 })
  }

  async #prepare(): Promise<Command> {
    const command = await this.#parts.prepare()
    await this.#parts.place.handOver()
    return command
  }

  /** Until it knows its users it answers with an error. */
  async #isReady(): Promise<boolean> {
    try {
      // Without a master it knows nothing of the cluster's health.
      const path = this.#parts.masterless ? '/' : '/_cluster/health'
      await this.request('GET', path, undefined, AbortSignal.timeout(5_000))
      return true
    } catch {
      return false
    }
  }

  get process(): ServerProcess {
    return this.#process!
  }

  stop(): Promise<void> {
    return this.process.stop()
  }

  async kill(): Promise<void> {
    await this.#process?.kill()
    await freed(this.port)
  }

  pause(): Promise<void> {
    return this.process.pause()
  }

  resume(): void {
    this.process.resume()
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  as(credentials: SearchCredentials): SearchRequest {
    return requestsTo(this.url, this.ca, credentials)
  }

  async certificateOf(user: string): Promise<Pem> {
    if (!this.authority) throw new Error(`There are no certificates in mode ${this.mode}`)
    return this.authority.issue({ names: [user] })
  }

  tokenOf(user: keyof typeof USERS): Promise<string> {
    return this.#parts.tokenOf(USERS[user], this.request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#parts.place.remove()
  }
}
