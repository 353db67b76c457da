import { isUptimeError, messageOf } from '@uptimeserver/core'
import { tlsProblem } from '@uptimeserver/core/kit'
import type { Progress } from './progress.js'

/** Response headers may be this long together, in bytes. */
export const MAX_HEADERS = 16_384

const HEADERS_TOO_LONG = `the response headers are longer than ${MAX_HEADERS / 1024} KiB`
const CLOSED = 'the connection was closed before the response was complete'

/** What Node's and undici's codes mean for somebody who looks at a service. */
const BY_CODE: Readonly<Record<string, (error: NodeJS.ErrnoException) => string>> = {
  ENOTFOUND: (error) => `DNS: ${nameIn(error)} does not exist`,
  ENODATA: (error) => `DNS: ${nameIn(error)} has no address`,
  ETIMEOUT: (error) => `DNS: the server did not answer for ${nameIn(error)}`,
  ESERVFAIL: (error) => `DNS: the server failed for ${nameIn(error)}`,
  EREFUSED: (error) => `DNS: the server refused to answer for ${nameIn(error)}`,
  HPE_HEADER_OVERFLOW: () => HEADERS_TOO_LONG,
  UND_ERR_HEADERS_OVERFLOW: () => HEADERS_TOO_LONG,
  UND_ERR_SOCKET: (error) => (error.cause ? withCode(error.cause) : CLOSED),
  ERR_SSL_WRONG_VERSION_NUMBER: () => 'the server does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () => 'the server does not speak TLS on this port',
}

/** Puts whatever ended an exchange into words. A deadline is told with what was going on. */
export function explain(error: unknown, progress: Progress): string {
  if (isUptimeError(error, 'CHECK_TIMEOUT')) return `${error.message} while ${progress.describe()}`
  return withCode(error)
}

function withCode(error: unknown): string {
  const code = codeOf(error)
  const known = BY_CODE[code]
  if (known) return known(error as NodeJS.ErrnoException)
  if (code === 'ECONNRESET' && messageOf(error) === 'socket hang up') return CLOSED
  if (code === 'ECONNRESET' && messageOf(error) === 'aborted') return CLOSED
  if (code.startsWith('HPE_') || (error as Error | undefined)?.name === 'HTTPParserError')
    return `the response is no HTTP (${messageOf(error)})`
  if (code.startsWith('ERR_SSL_'))
    return tlsProblem(error, '') ?? `TLS: ${code.slice(8).toLowerCase().replaceAll('_', ' ')}`
  return messageOf(error)
}

/** Not every code is a text: a DOMException, such as an aborted signal's reason, has a number. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function nameIn(error: NodeJS.ErrnoException): string {
  return String((error as { hostname?: string }).hostname ?? 'the name')
}
