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
 * the body to another origin. Of a secret URL nothing is told, and a server may well repeat it in where it leads to.
 */
export function followRedirect(
  { status, headers }: Reply,
  { url, method, body }: Hop,
  isSecretUrl: boolean,
): Hop {
  const location = String(headers.location)
  const where = isSecretUrl ? '' : ` to ${shorten(location)}`
  if (!URL.canParse(location, url.href)) throw new Error(`redirect${where}, which is no URL`)
  const next = new URL(location, url)
  if (!/^https?:$/.test(next.protocol)) {
    throw new Error(`redirect${where} refused: only http: and https: are followed`)
  }
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  if (becomesGet) return { url: next, method: 'GET', body: undefined }
  if (body !== undefined && next.origin !== url.origin) {
    const there = isSecretUrl ? '' : ` to ${next.origin}`
    throw new Error(`redirect ${status}${there} refused: it would send the body to another origin`)
  }
  return { url: next, method, body }
}

/** Without a user and a password, as far as they can be told from the rest in what may be no URL. */
function shorten(location: string): string {
  const clean = location.replace(/^([a-z][a-z0-9+.-]*:)?([\\/]*)[^/?#\\]*@/i, '$1$2')
  return clean.length > 100 ? `${clean.slice(0, 100)}…` : clean
}
