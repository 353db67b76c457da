import type { Socket } from 'node:net'
import { raceSignal } from '@uptimeserver/core/kit'
import { Client } from 'undici'
import { authorization } from './auth.js'
import type { AwsSigner } from './aws.js'
import { connectTo, type Identity } from './connector.js'
import { notJson, redirected, statusError } from './problems.js'

/** An answer may be this long, in bytes; what names the shards of a large cluster is about one MiB. */
const LONGEST = 16 * 1_048_576

/** With which a connection is closed. One for all: undici would make a new one each time, with its stack. */
const ENDED = new Error('the check has ended')

export interface Access extends Identity {
  readonly signer: AwsSigner | undefined
}

/** What is the same for every check of a host, made once. */
export class Place {
  readonly url: URL
  readonly access: Access
  /** Before every path. */
  readonly prefix: string

  constructor(url: URL, access: Access) {
    this.url = url
    this.access = access
    this.prefix = url.pathname.replace(/\/$/, '')
  }
}

/** One host for the length of one check: its connection is new, and ends with it. */
export class Host implements AsyncDisposable {
  readonly #place: Place
  readonly #client: Client
  #socket: Socket | undefined

  constructor(place: Place) {
    this.#place = place
    // The check's signal is the deadline; the client's own would cut it into parts.
    this.#client = new Client(place.url.origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: LONGEST,
      connect: (_, done) => {
        this.#socket = connectTo(place.url, place.access, done)
      },
    })
  }

  /** @throws StatusError for every status from 300, but for one that is `accepted` */
  json<T>(path: string, signal: AbortSignal, accepted?: number): Promise<T> {
    // undici hears a signal only once it is connected. What goes on behind it ends with the host.
    return raceSignal(this.#json<T>(path, accepted), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.destroy(ENDED)
    this.#socket?.destroy()
  }

  async #json<T>(path: string, accepted: number | undefined): Promise<T> {
    const { prefix, access } = this.#place
    const whole = prefix + path
    const headers = await this.#headers(whole)
    const response = await this.#client.request({ path: whole, method: 'GET', headers })
    const { statusCode, body } = response
    const text = await body.text()
    if (statusCode < 300 || statusCode === accepted) return parsed(text, statusCode)
    const { location } = response.headers
    if (statusCode < 400 && location !== undefined)
      throw redirected(statusCode, String(location), this.#urlOf(whole).href)
    throw statusError(statusCode, text, access.auth)
  }

  #urlOf(path: string): URL {
    return new URL(this.#place.url.origin + path)
  }

  async #headers(path: string): Promise<Record<string, string>> {
    const { auth, signer } = this.#place.access
    const value = authorization(auth)
    const signed = signer
      ? await signer.sign(this.#urlOf(path))
      : value === undefined
        ? {}
        : { authorization: value }
    return { ...signed, accept: 'application/json', 'user-agent': 'uptimeserver' }
  }
}

function parsed<T>(text: string, status: number): T {
  try {
    return JSON.parse(text) as T
  } catch {
    throw notJson(status, text)
  }
}
