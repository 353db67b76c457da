import { type Context, type Detail, isSecret, reveal, type ServicePart } from '@uptimeserver/core'
import { CheckFailed, SecureContexts } from '@uptimeserver/core/kit'
import { compressedSize } from './body.js'
import type { Exchange, Reply } from './exchange.js'
import { findFaults, needsBody } from './expect.js'
import { FreshExchange } from './fresh.js'
import { Guard } from './guard/guard.js'
import { headersFor } from './headers.js'
import { explain } from './messages.js'
import { Names } from './names.js'
import { type CheckOptions, isHttpUrl, MAX_BODY, MAX_REDIRECTS } from './options.js'
import { Progress } from './progress.js'
import { followRedirect, type Hop, isRedirect } from './redirect.js'
import { ReuseExchange } from './reuse.js'
import { matchesStatus } from './status.js'

/** Lookups are shared by all services of the process, and so is the exchange of those that want nothing special. */
const names = new Names()
const plain = new FreshExchange({
  names,
  family: undefined,
  tls: undefined,
  contexts: new SecureContexts(),
  guard: undefined,
})

function exchangeFor({ family, tls, connection, guard }: CheckOptions): Exchange {
  if (!family && !tls && !guard && connection !== 'reuse') return plain
  const connecting = { family, tls, names, contexts: new SecureContexts(), guard: Guard.from(guard) }
  return connection === 'reuse' ? new ReuseExchange(connecting) : new FreshExchange(connecting)
}

/** The check of one URL. */
export class HttpCheck implements ServicePart {
  readonly name: string | undefined
  readonly #options: CheckOptions
  readonly #exchange: Exchange

  constructor(options: CheckOptions) {
    this.#options = options
    this.name = isSecret(options.url) ? undefined : shownUrl(options.url)
    this.#exchange = exchangeFor(options)
  }

  get endpoints(): string[] {
    const { url } = this.#options
    return isSecret(url) ? [] : [new URL(url).origin]
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
    const isSecretUrl = isSecret(this.#options.url)
    let hop = this.#firstHop()
    const home = hop.url
    for (;;) {
      const reply = await this.#send(hop, home, progress, signal)
      const isExpected = expect.status !== undefined && matchesStatus(reply.status, expect.status)
      if (!isRedirect(reply) || redirects === 0 || isExpected) return reply
      if (progress.redirects >= redirects) {
        const last = isSecretUrl ? '' : `, the last to ${hop.url.origin}${hop.url.pathname}`
        throw new Error(`more than ${redirects} redirects${last}`)
      }
      hop = followRedirect(reply, hop, isSecretUrl)
      progress.redirects++
    }
  }

  #firstHop(): Hop {
    const { url, method = 'GET', body } = this.#options
    const text = reveal(url)
    if (!isHttpUrl(text)) throw new Error('the secret URL is no http:// or https:// URL')
    return { url: new URL(text), method, body: body === undefined ? undefined : reveal(body) }
  }

  #send(hop: Hop, home: URL, progress: Progress, signal: AbortSignal): Promise<Reply> {
    const { expect = {}, maxBody = MAX_BODY, headers } = this.#options
    const { url, method, body } = hop
    const keepBody = needsBody(expect)
    return this.#exchange.send({
      url,
      method,
      body,
      headers: headersFor(hop, home, headers),
      maxBody: keepBody ? compressedSize(maxBody) : maxBody,
      keepBody,
      wantCertificate: expect.certificateDays !== undefined,
      progress,
      signal,
    })
  }
}

/** A URL without its user and password, however oddly it was written. */
function shownUrl(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href
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
