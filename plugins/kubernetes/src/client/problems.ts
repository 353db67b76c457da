import { messageOf } from '@uptimeserver/core'
import { tlsProblem } from '@uptimeserver/core/kit'

/** What the API server answered instead of what was asked for: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export class ApiError extends Error {
  readonly status: number
  readonly body: string

  constructor(status: number, message: string, body: string) {
    super(message)
    this.status = status
    this.body = body
  }
}

/** The error that an answer tells, as JSON of kind `Status` or as whatever a proxy put in its place. */
export function apiError(status: number, body: string): ApiError {
  return new ApiError(status, `${wordsFor(status)}${saidIn(body)}`, body)
}

/** Whether the API server said this, by its status. */
export function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status
}

/** In words, what came in the way of a request. */
export function problemOf(error: unknown, server: string): string {
  if (error instanceof ApiError) return error.message
  const host = URL.canParse(server) ? new URL(server).hostname : server
  const tls = tlsProblem(error, host)
  return tls ? `${host}: ${tls}` : messageOf(error)
}

function wordsFor(status: number): string {
  if (status === 401) return 'the API server does not accept the credentials (401)'
  if (status === 403) return 'a right is missing (403)'
  return `the API server answered ${status}`
}

function saidIn(body: string): string {
  const said = messageIn(body) ?? body
  const text = said.replace(/\s+/g, ' ').trim().slice(0, 300)
  return text && text !== 'Unauthorized' ? `: ${text}` : ''
}

function messageIn(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { message?: unknown }
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}
