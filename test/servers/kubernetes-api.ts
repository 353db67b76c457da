import { exchange } from './requests.js'

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
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    async request<T>(
      method: string,
      path: string,
      body?: unknown,
      contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      signal?: AbortSignal,
    ) {
      const headers = { 'content-type': contentType, ...authorization }
      const { status, text, value } = await exchange(new URL(path, url), {
        ...{ method, headers, body, signal, ca, cert, key },
      })
      if (status < 400) return value as T
      const { message } = Object(value) as { message?: string }
      throw new ApiError(`${method} ${path}`, status, message ?? text)
    },
  }
}
