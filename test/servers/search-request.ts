import { exchange } from './requests.js'
/** Who asks: by a name and password, by another Authorization header, by a certificate, or nobody. */
export interface SearchCredentials {
  readonly username?: string
  readonly password?: string
  readonly authorization?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * Resolves what is answered, parsed. Throws a {@link SearchError} when that is 400 or more, and what the connection
 * threw when there is no answer.
 */
export type SearchRequest = <T = unknown>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
) => Promise<T>

export class SearchError extends Error {
  readonly status: number

  constructor(request: string, status: number, answer: string) {
    super(`${request}: ${status} ${answer}`)
    this.status = status
  }
}

/** What a user asks the server at `url`. Each request has a connection of its own. */
export function requestsTo(
  url: string,
  ca: string | undefined,
  credentials: SearchCredentials,
): SearchRequest {
  const { cert, key } = credentials
  const authorization = authorizationOf(credentials)
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
  return async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal) => {
    const asked = { method, headers, body, signal, ca, cert, key }
    const { status, text, value } = await exchange(new URL(path, url), asked)
    if (status >= 400) throw new SearchError(`${method} ${path}`, status, text)
    return value as T
  }
}

function authorizationOf({ username, password = '', authorization }: SearchCredentials): string | undefined {
  if (username === undefined) return authorization
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
