import { messageOf } from '@uptimeserver/core'
import { tlsProblem } from '@uptimeserver/core/kit'
import { type Auth, describeAuth } from './auth.js'

/** What a host answered instead of what was asked for. */
export class StatusError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The error that an answer tells: JSON of the product, of AWS, or whatever a proxy put in its place. */
export function statusError(status: number, body: string, auth: Auth): StatusError {
  const words = saidIn(body)
  const said = words.startsWith(`${status} `) ? words.slice(4) : words
  return new StatusError(status, wordsFor(status, said, auth))
}

/** Of an answer that sends elsewhere: to log in, mostly, with what may be secret behind a `?`. */
export function redirected(status: number, location: string, from: string): StatusError {
  const { origin, pathname } = new URL(URL.canParse(location, from) ? location : '', from)
  return new StatusError(status, `redirected to ${origin}${pathname} (${status})`)
}

/** Of an answer that was to be JSON. */
export function notJson(status: number, body: string): StatusError {
  const said = saidIn(body).slice(0, 80)
  return new StatusError(status, said ? `the answer is no JSON: ${said}` : 'the answer is empty')
}

/** In words, what came in the way of a request. */
export function problemOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  if (error instanceof StatusError) return error.message
  if (code === 'UND_ERR_SOCKET') return 'the connection was closed before the response was complete'
  if (NO_TLS.test(String(code))) return 'the server does not speak TLS on this port'
  return tlsProblem(error, '') ?? messageOf(error)
}

const NO_TLS = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/

function wordsFor(status: number, said: string, auth: Auth): string {
  const because = said && `: ${said}`
  if (status === 403 && auth.type === 'aws' && SKEW.test(said))
    return `the clock of this machine is wrong, or AWS's is (403)${because}`
  if (status === 401) return `not authenticated ${describeAuth(auth)} (401)${because}`
  if (status === 403) return `not allowed ${describeAuth(auth)} (403)${because}`
  if (status === 503 && MASTERLESS.test(said)) return 'the cluster has no master (503)'
  return `status ${status}${because}`
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html */
const SKEW = /signature (expired|not yet current)|RequestTimeTooSkewed|RequestExpired/i
const MASTERLESS = /(master|cluster_manager|cluster-manager)[_ -]not[_ -]discovered/i

/** Of a page, so much is looked at. */
const LOOKED_AT = 10_000

function saidIn(body: string): string {
  return (messageIn(body) ?? textOf(body.slice(0, LOOKED_AT))).replace(/\s+/g, ' ').trim().slice(0, 300)
}

/** Without its title, which mostly is said once more below, unless that is all. */
function textOf(page: string): string {
  const textIn = (html: string) => html.replace(/<(style|script).*?(<\/\1>|$)|<[^>]*>/gs, ' ')
  const text = textIn(page.replace(/<title.*?<\/title>/s, ''))
  return text.trim() ? text : textIn(page)
}

/** `{ error: { type, reason } }`, `{ error: '…' }` or `{ message }`. */
function messageIn(body: string): string | undefined {
  try {
    const { error, message, Message } = JSON.parse(body) as Record<string, unknown>
    if (typeof error === 'object' && error !== null) return said(error as { type?: string; reason?: string })
    const found = error ?? message ?? Message
    return typeof found === 'string' ? found : undefined
  } catch {
    return undefined
  }
}

function said({ type, reason }: { type?: string; reason?: string }): string {
  return [type, reason].filter(Boolean).join(': ')
}
