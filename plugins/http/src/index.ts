import { definePlugin, type Secret, type ServiceOptions } from '@uptimeserver/core'
import { type CheckOptions, type HttpOptions, schema } from './options.js'
import { HttpCheck } from './service.js'

export type { GuardOptions } from './guard/guard.js'
export type { BodyExpectations, Expectations, HttpOptions, JsonExpectation, TlsOptions } from './options.js'
export type { StatusPattern } from './status.js'

/**
 * Checks a URL: up when the final response is as expected within the deadline, which covers name lookup, connection,
 * TLS, headers and body of all redirects together.
 *
 * @param url http:// or https://; a user and password in it are sent as basic authentication and never shown
 *
 * @example
 * http('https://example.com/health', {
 *   name: 'shop',
 *   every: '30s',
 *   headers: { apikey: secret.env('SHOP_KEY') },
 *   expect: { status: 200, body: { json: { '$.status': 'ok' } }, latency: '2s', certificateDays: 14 },
 * })
 */
export const http = definePlugin<
  CheckOptions,
  unknown,
  [url: string | URL | Secret, options?: HttpOptions & ServiceOptions]
>({
  kind: 'http',
  schema,
  args: (url, options) => ({ url: url instanceof URL ? url.href : url, ...options }),
  create: (options) => new HttpCheck(options),
})
