import type { TlsOptions } from '@uptimeserver/core'
import type { SecureContexts } from '@uptimeserver/core/kit'
import { Client } from 'undici'
import { type Auth, authorization } from './auth.js'
import type { AwsSigner } from './aws.js'
import { StatusError, statusError } from './problems.js'

/** An answer may be this long, in bytes; what names the shards of a large cluster is about one MiB. */
const LONGEST = 16 * 1_048_576

export interface Access {
  readonly auth: Auth
  readonly signer: AwsSigner | undefined
  readonly tls: TlsOptions | undefined
  readonly contexts: SecureContexts
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
      connect: { timeout: 0, ...secure(access) },
    })
  }

  /** @throws StatusError for every status from 400, but for one that is `accepted` */
  async json<T>(path: string, signal: AbortSignal, accepted?: number): Promise<T> {
    const url = new URL(this.#url)
    const [pathname = '', search = ''] = path.split('?')
    url.pathname = url.pathname.replace(/\/$/, '') + pathname
    url.search = search
    const { statusCode, body } = await this.#client.request({
      path: url.pathname + url.search,
      method: 'GET',
      headers: await this.#headers(url),
      signal,
    })
    const text = await body.text()
    if (statusCode >= 400 && statusCode !== accepted) throw statusError(statusCode, text, this.#access.auth)
    return parsed(text, statusCode)
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

function secure({ tls, auth, contexts }: Access) {
  const { servername, insecure, ...rest } = tls ?? {}
  const certificate = auth.type === 'cert' ? withoutType(auth) : {}
  return {
    secureContext: contexts.get({ ...rest, ...certificate }),
    ...(servername && { servername }),
    ...(insecure && { rejectUnauthorized: false }),
  }
}

function withoutType({ type: _, ...certificate }: Extract<Auth, { type: 'cert' }>) {
  return certificate
}

function parsed<T>(text: string, status: number): T {
  try {
    return JSON.parse(text) as T
  } catch {
    throw new StatusError(status, `the answer is no JSON: ${text.replace(/\s+/g, ' ').trim().slice(0, 80)}`)
  }
}
