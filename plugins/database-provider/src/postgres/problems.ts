import { formatDuration, messageOf, withoutUserinfo } from '@uptimeserver/core'
import { tlsProblem } from '@uptimeserver/core/kit'
import type { Settings } from '../settings.js'
import { hostOf } from '../uri.js'

/** What stands before the config's query when it is sent. A cursor takes what gives rows and nothing else, and gives them in portions. */
export const PREFIX = 'DECLARE uptimeserver NO SCROLL CURSOR FOR '

interface ServerError {
  readonly code?: string
  readonly position?: string
}

type Words = (message: string, settings: Settings) => string

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, by code or class. */
const WORDS: Readonly<Record<string, Words>> = {
  '28P01': () => 'authentication failed: wrong user or password',
  '28': (message) => `authentication failed: ${message}`,
  '42501': (message) => `${message}; GRANT the user SELECT on what the query reads`,
  '42': (message) => `the query cannot be run: ${message}`,
  '57014': (message, { timeout }) =>
    message.includes('statement timeout')
      ? `the query takes longer than ${formatDuration(timeout)}`
      : message,
  '25006': (message) => `the query must only read: ${message}`,
}

/** An error of the driver or of the server in words, never with a credential. */
export function problemOf(error: unknown, settings: Settings): string {
  const { code = '', position } = error as ServerError
  const message = withoutUserinfo(messageOf(error))
  const certificate = tlsProblem(error, hostOf(settings.uri))
  if (certificate) return certificate
  const words = (WORDS[code] ?? WORDS[code.slice(0, 2)])?.(message, settings) ?? driverWords(code, message)
  const at = Number(position) - PREFIX.length
  return at > 0 ? `${words} (at character ${at})` : words
}

function driverWords(code: string, message: string): string {
  if (code === 'EPIPE' || code === 'ECONNRESET' || message.startsWith('Connection terminated'))
    return 'the connection was closed by the other side'
  if (message.includes('client password must be a string'))
    return 'the server wants a password, and the URI has none'
  return message
}
