import { unescape as unescapePercents } from 'node:querystring'
import { reveal, type Secret } from '@uptimeserver/core'
import type { CheckOptions } from './options.js'
import type { Hop } from './redirect.js'

type Configured = CheckOptions['headers']

/** Said instead of a value, which may be a secret and is never shown. */
const UNSENDABLE = 'a line break, a control character or one beyond Latin-1'

export const HEADER_VALUE_EXPECTED = `a value without ${UNSENDABLE}`

/** What HTTP can carry as the value of a header, one byte a character (RFC 9110, section 5.5). */
export function isHeaderValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value)
}

/** What goes out with a request. What the user configured, in the URL too, goes to that URL's own origin only. */
export function headersFor({ url, body }: Hop, home: URL, configured: Configured = {}): string[] {
  const isHome = url.origin === home.origin
  const own = isHome ? Object.entries(configured) : []
  const has = (name: string) => own.some(([key]) => key.toLowerCase() === name)
  const headers = own.flatMap(([name, value]) => [name, revealValue(name, value)])
  if (!has('host')) headers.unshift('host', url.host)
  if (!has('accept')) headers.push('accept', '*/*')
  if (!has('user-agent')) headers.push('user-agent', 'uptimeserver')
  if (body !== undefined) headers.push('content-length', String(Buffer.byteLength(body)))
  const hasUser = home.username || home.password
  if (isHome && hasUser && !has('authorization')) headers.push('authorization', basicAuth(home))
  return headers
}

function revealValue(name: string, value: string | Secret): string {
  const text = reveal(value)
  if (isHeaderValue(text)) return text
  throw new Error(`header ${name} cannot be sent: its value has ${UNSENDABLE}`)
}

/** A percent sign that escapes nothing stands for itself. */
function basicAuth({ username, password }: URL): string {
  const pair = `${unescapePercents(username)}:${unescapePercents(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
