import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

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
  const identity = { ...(ca && { ca }), ...(cert && key && { cert, key }) }
  const authorization = authorizationOf(credentials)
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal) => {
    const { status, text } = await new Promise<Answer>((resolve, reject) => {
      const options = { ...identity, method, headers, agent: false, ...(signal && { signal }) }
      const request = send(new URL(path, url), options)
      request.on('error', reject)
      request.on('response', (response) => read(response).then(resolve, reject))
      request.end(body === undefined ? undefined : JSON.stringify(body))
    })
    if (status >= 400) throw new SearchError(`${method} ${path}`, status, text)
    return parsed(text) as T
  }
}

function authorizationOf({ username, password = '', authorization }: SearchCredentials): string | undefined {
  if (username === undefined) return authorization
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

interface Answer {
  readonly status: number
  readonly text: string
}

async function read(response: IncomingMessage): Promise<Answer> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) text += chunk
  return { status: response.statusCode!, text }
}

/** HEAD answers with nothing, and some paths with plain words. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
