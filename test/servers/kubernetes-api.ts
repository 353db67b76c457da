import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** Who asks: by a token, by a certificate, or nobody. */
export interface Credentials {
  readonly token?: string
  readonly cert?: string
  readonly key?: string
}

export interface KubernetesApi {
  /**
   * Resolves what is answered, parsed. Throws an {@link ApiError} when that is 400 or more. A PATCH is a merge patch,
   * unless `contentType` says otherwise.
   */
  request<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
    signal?: AbortSignal,
  ): Promise<T>
}

export class ApiError extends Error {
  readonly status: number

  constructor(request: string, status: number, message: string) {
    super(`${request}: ${status} ${message}`)
    this.status = status
  }
}

/** The API at `url` as one user has it. Each request has a connection of its own. */
export function apiAt(url: string, ca: string, { token, cert, key }: Credentials): KubernetesApi {
  const identity = { ca, ...(cert && key && { cert, key }) }
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    async request<T>(
      method: string,
      path: string,
      body?: unknown,
      contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      signal?: AbortSignal,
    ) {
      const headers = { 'content-type': contentType, ...authorization }
      const { status, text } = await new Promise<Answer>((resolve, reject) => {
        const request = httpsRequest(new URL(path, url), {
          ...identity,
          ...{ method, headers, agent: false },
          ...(signal && { signal }),
        })
        request.on('error', reject)
        request.on('response', (response) => read(response).then(resolve, reject))
        request.end(body === undefined ? undefined : JSON.stringify(body))
      })
      const answer = parsed(text)
      if (status < 400) return answer as T
      const { message } = Object(answer) as { message?: string }
      throw new ApiError(`${method} ${path}`, status, message ?? text)
    },
  }
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

/** /readyz and its like answer with plain words. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
