import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { raceSignal } from '@uptimeserver/core/kit'
import { type Access, type ClusterOptions, Credentials } from './kubeconfig.js'
import { ApiError, apiError, hasStatus, problemOf } from './problems.js'

/** An answer may be this long, in bytes: a page of the largest objects that etcd takes. */
const LONGEST = 384 * 1_048_576

/**
 * Asks the API server of one cluster. Each request has its own connection and ends with its signal: the ordinary client's own requests
 * know no deadline, so only its credentials are used.
 */
export class Cluster {
  readonly #credentials: Credentials
  #server = 'the API server'

  constructor(options: ClusterOptions) {
    this.#credentials = new Credentials(options)
  }

  /** The API server, as far as it is known. */
  get server(): string {
    return this.#server
  }

  async json<T>(path: string, signal: AbortSignal): Promise<T> {
    return JSON.parse(await this.text(path, signal)) as T
  }

  async text(path: string, signal: AbortSignal): Promise<string> {
    return readAll(await this.open(path, signal), signal)
  }

  /**
   * The beginning of an answer, whose body comes with time. Credentials may have been exchanged since they were read: when they are
   * refused, they are read and tried once more.
   *
   * @throws ApiError for every status that is no success
   */
  async open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await this.#open(path, signal)
    } catch (error) {
      if (!hasStatus(error, 401)) throw error
      return this.#open(path, signal)
    }
  }

  /** In words, what came in the way of a request. */
  problemOf(error: unknown): string {
    return problemOf(error, this.#server)
  }

  async #open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      return await this.#ask(path, signal)
    } catch (error) {
      // What the kubeconfig says may have changed: whom to trust, where to go, who we are.
      if (!(error instanceof ApiError) || error.status === 401) this.#credentials.forget()
      throw error
    }
  }

  async #ask(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    // An exec plugin may hang.
    const access = await raceSignal(this.#credentials.access(), signal)
    this.#server = access.server
    const response = await send(access, path, signal)
    if (Math.floor(response.statusCode! / 100) === 2) return response
    throw apiError(response.statusCode!, await readAll(response, signal))
  }
}

function send({ server, options }: Access, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(server + path)
  const request = url.protocol === 'http:' ? plainRequest : tlsRequest
  const headers = { ...options.headers, accept: 'application/json', 'user-agent': 'uptimeserver' }
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    request(url, { ...options, headers, signal }, resolve)
      .on('error', (error) => reject(signal.aborted ? signal.reason : error))
      .end()
  })
}

async function readAll(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response) {
      size += chunk.length
      if (size > LONGEST) throw new Error(`the answer is longer than ${LONGEST / 1_048_576} MiB`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
  return Buffer.concat(chunks).toString()
}
