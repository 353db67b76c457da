import type { Reply } from './exchange.js'

/** A request, as far as a redirect changes it. */
export interface Hop {
  readonly url: URL
  readonly method: string
  readonly body: string | undefined
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Whether a reply says where to go on. */
export function isRedirect({ status, headers }: Reply): boolean {
  return REDIRECTS.has(status) && headers.location !== undefined
}

/**
 * Where a redirect leads (RFC 9110, section 15.4). Other schemes than http and https are refused, and so is sending
 * the body to another origin.
 */
export function followRedirect({ status, headers }: Reply, { url, method, body }: Hop): Hop {
  const location = String(headers.location)
  if (!URL.canParse(location, url.href)) throw new Error(`redirect to ${shorten(location)}, which is no URL`)
  const next = new URL(location, url)
  if (!/^https?:$/.test(next.protocol)) {
    throw new Error(`redirect to ${shorten(location)} refused: only http: and https: are followed`)
  }
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  if (becomesGet) return { url: next, method: 'GET', body: undefined }
  if (body !== undefined && next.origin !== url.origin) {
    throw new Error(`redirect ${status} to ${next.origin} refused: it would send the body to another origin`)
  }
  return { url: next, method, body }
}

function shorten(text: string): string {
  const clean = text.replace(/\/\/[^/?#]*@/, '//')
  return clean.length > 100 ? `${clean.slice(0, 100)}…` : clean
}
