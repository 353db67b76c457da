import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, type Runner, UptimeError } from '@uptimeserver/core'
import type { Attendant } from '../attendant.js'
import { toJson } from '../json.js'
import { type StandingJson, standingJson } from '../standing.js'
import { type Address, showAddress } from './address.js'

/** What every answer says, and no more: whoever can reach the port may ask. */
export interface HealthJson extends StandingJson {
  readonly status: 'starting' | 'running' | 'stopping'
}

const NOWHERE: StandingJson = { standing: 'waiting', holder: null, since: null }

/** What is well, by path. */
const QUESTIONS: Readonly<Record<string, (health: HealthJson) => boolean>> = {
  '/live': () => true,
  '/ready': ({ status }) => status === 'running',
  '/leading': ({ status, standing }) => status === 'running' && standing === 'leading',
}

/** Answers probes, from before the start to the end. */
export class HealthServer implements Attendant {
  readonly #server: Server
  #runner: Runner | undefined
  #status: HealthJson['status'] = 'starting'

  /** @throws UptimeError `CONFIG_INVALID` where it cannot listen */
  static async open(address: Address): Promise<HealthServer> {
    const health = new HealthServer()
    try {
      health.#server.listen(address.port, address.host)
      await once(health.#server, 'listening')
    } catch (error) {
      throw new UptimeError('CONFIG_INVALID', `--health: ${whyNot(address, error)}`, { cause: error })
    }
    return health
  }

  private constructor() {
    // A probe is short, and one that is not keeps no place for long.
    const limits = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 }
    this.#server = createServer({ ...limits, maxHeaderSize: 8_192 }, (request, response) =>
      this.#answer(request, response),
    )
    this.#server.maxConnections = 100
    // That somebody may ask is no reason to go on.
    this.#server.unref()
  }

  /** Where it is asked, with the port that it was given. */
  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${showAddress({ host: address, port })}`
  }

  started(runner: Runner): void {
    this.#runner = runner
    if (this.#status === 'starting') this.#status = 'running'
  }

  stopping(): void {
    this.#status = 'stopping'
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #health(): HealthJson {
    const standing = this.#runner ? standingJson(this.#runner.leadership()) : NOWHERE
    return { status: this.#status, ...standing }
  }

  #answer({ url = '', method }: IncomingMessage, response: ServerResponse): void {
    const isWell = Object.hasOwn(QUESTIONS, pathOf(url)) ? QUESTIONS[pathOf(url)] : undefined
    response.setHeader('connection', 'close').setHeader('cache-control', 'no-store')
    if (!isWell) return end(response, 404, { error: 'not found' })
    if (method !== 'GET' && method !== 'HEAD')
      return end(response.setHeader('allow', 'GET, HEAD'), 405, { error: 'method not allowed' })
    const health = this.#health()
    end(response, isWell(health) ? 200 : 503, health)
  }
}

function end(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status
  response.setHeader('content-type', 'application/json').end(`${toJson(body)}\n`)
}

function pathOf(url: string): string {
  return url.split('?')[0]!
}

function whyNot(address: Address, error: unknown): string {
  const where = showAddress(address)
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `${where} is in use already; name another port, or 0 for any that is free`
    case 'EACCES':
      return `${where} may not be listened at by this user; name a port from 1024 on`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${where} is no address of this machine`
    default:
      return `cannot listen at ${where}: ${messageOf(error)}`
  }
}
