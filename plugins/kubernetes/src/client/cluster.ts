import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { raceSignal } from '@uptimeserver/core/kit'
import { type Access, type ClusterOptions, Credentials } from './kubeconfig.js'
import { apiError, hasStatus, problemOf } from './problems.js'

/** An answer may be this long, in bytes: a page of the largest objects that etcd takes. */
const LONGEST = 384 * 1_048_576

/** A request that changes something. Any other is a GET. */
export interface Change {
  readonly method: 'POST' | 'PUT'
  /** Sent as JSON. */
  readonly body: object
}

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

  /** Where the context is, or the pod: what `kubectl` takes without `--namespace`. */
  async namespace(signal: AbortSignal): Promise<string> {
    return (await this.#access(signal)).namespace
  }

  async json<T>(path: string, signal: AbortSignal, change?: Change): Promise<T> {
    return JSON.parse(await readAll(await this.open(path, signal, change), signal)) as T
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
  async open(path: string, signal: AbortSignal, change?: Change): Promise<IncomingMessage> {
    try {
      return await this.#open(path, signal, change)
    } catch (error) {
      if (!hasStatus(error, 401)) throw error
      return this.#open(path, signal, change)
    }
  }

  /** In words, what came in the way of a request. */
  problemOf(error: unknown): string {
    return problemOf(error, this.#server)
  }

  async #open(path: string, signal: AbortSignal, change: Change | undefined): Promise<IncomingMessage> {
    const access = await this.#access(signal)
    const response = await this.#orForget(send(access, path, signal, change))
    if (Math.floor(response.statusCode! / 100) === 2) return response
    if (response.statusCode === 401) this.#credentials.forget()
    throw apiError(response.statusCode!, await readAll(response, signal))
  }

  async #access(signal: AbortSignal): Promise<Access> {
    // An exec plugin may hang.
    const access = await this.#orForget(raceSignal(this.#credentials.access(), signal))
    this.#server = access.server
    return access
  }

  /** What the kubeconfig says may have changed: whom to trust, where to go, who we are. */
  async #orForget<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      this.#credentials.forget()
      throw error
    }
  }
}

function send(
  { server, options }: Access,
  path: string,
  signal: AbortSignal,
  { method, body }: Partial<Change> = {},
): Promise<IncomingMessage> {
  const url = new URL(server + path)
  const request = url.protocol === 'http:' ? plainRequest : tlsRequest
  const headers = {
    ...options.headers,
    ...{ accept: 'application/json', 'user-agent': 'uptimeserver' },
    ...(body && { 'content-type': 'application/json' }),
  }
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    request(url, { ...options, ...(method && { method }), headers, signal }, resolve)
      .on('error', (error) => reject(signal.aborted ? signal.reason : error))
      .end(body && JSON.stringify(body))
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
