import { Client } from 'undici'
import { authorization } from './auth.js'
import type { AwsSigner } from './aws.js'
import { connectorTo, type Identity } from './connector.js'
import { notJson, redirected, statusError } from './problems.js'

/** An answer may be this long, in bytes; what names the shards of a large cluster is about one MiB. */
const LONGEST = 16 * 1_048_576

export interface Access extends Identity {
  readonly signer: AwsSigner | undefined
}

/** One host for the length of one check: its connection is new, and ends with it. */
export class Host implements AsyncDisposable {
  readonly #url: URL
  readonly #access: Access
  readonly #client: Client

  constructor(url: URL, access: Access) {
    this.#url = url
    this.#access = access
    // The check's signal is the deadline; the client's own would cut it into parts.
    this.#client = new Client(url.origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: LONGEST,
      connect: connectorTo(url.hostname, access),
    })
  }

  /** @throws StatusError for every status from 300, but for one that is `accepted` */
  async json<T>(path: string, signal: AbortSignal, accepted?: number): Promise<T> {
    const url = new URL(this.#url)
    const [pathname = '', search = ''] = path.split('?')
    url.pathname = url.pathname.replace(/\/$/, '') + pathname
    url.search = search
    const { statusCode, headers, body } = await this.#client.request({
      path: url.pathname + url.search,
      method: 'GET',
      headers: await this.#headers(url),
      signal,
    })
    const text = await body.text()
    if (statusCode < 300 || statusCode === accepted) return parsed(text, statusCode)
    const { location } = headers
    if (statusCode < 400 && location !== undefined) throw redirected(statusCode, String(location), url.href)
    throw statusError(statusCode, text, this.#access.auth)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.destroy()
  }

  async #headers(url: URL): Promise<Record<string, string>> {
    const { auth, signer } = this.#access
    const value = authorization(auth)
    const signed = signer ? await signer.sign(url) : value === undefined ? {} : { authorization: value }
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
