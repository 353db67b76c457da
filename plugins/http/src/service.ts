import { type Context, type Detail, reveal, type ServicePart, withoutUserinfo } from '@uptimeserver/core'
import type { Exchange, Reply } from './exchange.js'
import { findFaults, needsBody } from './expect.js'
import { FreshExchange } from './fresh.js'
import { explain } from './messages.js'
import { Names } from './names.js'
import { type CheckOptions, isHttpUrl, MAX_BODY, MAX_REDIRECTS } from './options.js'
import { Progress } from './progress.js'
import { followRedirect, type Hop, isRedirect } from './redirect.js'
import { ReuseExchange } from './reuse.js'
import { matchesStatus } from './status.js'
import { SecureContexts } from './tls.js'

/** Lookups are shared by all services of the process, and so is the exchange of those that want nothing special. */
const names = new Names()
const plain = new FreshExchange({ names, family: undefined, tls: undefined, contexts: new SecureContexts() })

function exchangeFor({ family, tls, connection }: CheckOptions): Exchange {
  if (!family && !tls && connection !== 'reuse') return plain
  const connecting = { family, tls, names, contexts: new SecureContexts() }
  return connection === 'reuse' ? new ReuseExchange(connecting) : new FreshExchange(connecting)
}

/** Fails a check with what was found on the way. */
class CheckFailed extends Error {
  readonly detail: Detail

  constructor(message: string, detail: Detail, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.detail = detail
  }
}

/** The check of one URL. */
export class HttpCheck implements ServicePart {
  readonly name: string | undefined
  readonly #options: CheckOptions
  readonly #exchange: Exchange

  constructor(options: CheckOptions) {
    this.#options = options
    this.name = typeof options.url === 'string' ? withoutUserinfo(options.url) : undefined
    this.#exchange = exchangeFor(options)
  }

  async check({ signal }: Context): Promise<Detail> {
    signal.throwIfAborted()
    const progress = new Progress()
    try {
      const reply = await this.#follow(progress, signal)
      const { expect = {}, maxBody = MAX_BODY } = this.#options
      const faults = findFaults(reply, expect, progress.elapsed, maxBody)
      const found = faults instanceof Promise ? await faults : faults
      if (found.length) throw new Error(found.join('; '))
      return detailOf(progress, reply)
    } catch (error) {
      throw new CheckFailed(explain(error, progress), detailOf(progress), error)
    }
  }

  close(): Promise<void> {
    return this.#exchange.close()
  }

  /** Sends the request and goes where it is sent, up to the final reply. */
  async #follow(progress: Progress, signal: AbortSignal): Promise<Reply> {
    const { redirects = MAX_REDIRECTS, expect = {} } = this.#options
    let hop = this.#firstHop()
    const { origin } = hop.url
    for (;;) {
      const reply = await this.#send(hop, hop.url.origin === origin, progress, signal)
      const isExpected = expect.status !== undefined && matchesStatus(reply.status, expect.status)
      if (!isRedirect(reply) || redirects === 0 || isExpected) return reply
      if (progress.redirects >= redirects) {
        throw new Error(`more than ${redirects} redirects, the last to ${hop.url.origin}${hop.url.pathname}`)
      }
      hop = followRedirect(reply, hop)
      progress.redirects++
    }
  }

  #firstHop(): Hop {
    const { url, method = 'GET', body } = this.#options
    const text = reveal(url)
    if (!isHttpUrl(text)) throw new Error('the secret URL is no http:// or https:// URL')
    return { url: new URL(text), method, body: body === undefined ? undefined : reveal(body) }
  }

  #send(
    { url, method, body }: Hop,
    isOwnOrigin: boolean,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { expect = {}, maxBody = MAX_BODY } = this.#options
    return this.#exchange.send({
      url,
      method,
      body,
      headers: this.#headersFor(url, body, isOwnOrigin),
      maxBody,
      keepBody: needsBody(expect),
      wantCertificate: expect.certificateDays !== undefined,
      progress,
      signal,
    })
  }

  /** What the user configured goes to the URL's own origin and nowhere else. */
  #headersFor(url: URL, body: string | undefined, isOwnOrigin: boolean): string[] {
    const own = isOwnOrigin ? Object.entries(this.#options.headers ?? {}) : []
    const has = (name: string) => own.some(([key]) => key.toLowerCase() === name)
    const headers = own.flatMap(([name, value]) => [name, reveal(value)])
    if (!has('host')) headers.unshift('host', url.host)
    if (!has('accept')) headers.push('accept', '*/*')
    if (!has('user-agent')) headers.push('user-agent', 'uptimeserver')
    if (body !== undefined) headers.push('content-length', String(Buffer.byteLength(body)))
    if (url.username && isOwnOrigin && !has('authorization')) headers.push('authorization', basicAuth(url))
    return headers
  }
}

function basicAuth({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function detailOf({ status, redirects, timings }: Progress, reply?: Reply): Detail {
  const days = reply?.certificateDays
  return {
    status,
    ...(redirects && { redirects }),
    ...timings,
    ...(days !== undefined && { certificateDays: Math.floor(days) }),
  }
}
