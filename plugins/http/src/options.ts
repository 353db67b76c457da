import {
  DURATION_EXPECTED,
  type Duration,
  isSecret,
  parseDuration,
  type Secret,
  type TlsOptions,
} from '@uptimeserver/core'
import { secretText, tlsOptions, wholeNumber } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import { allowList } from './guard/allow.js'
import type { GuardOptions } from './guard/guard.js'
import { HEADER_VALUE_EXPECTED, isHeaderValue } from './headers.js'
import { isQuery } from './json-path.js'
import { isStatusPattern, STATUS_EXPECTED, type StatusPattern } from './status.js'

export type { TlsOptions } from '@uptimeserver/core'

/** What the response must be like. Everything that is given must hold. */
export interface Expectations {
  /** Status codes: `200`, `'2xx'`, `'200-299'`, or a list of such. Default `'2xx'`. A redirect that is expected is not followed. */
  readonly status?: StatusPattern | readonly StatusPattern[] | undefined
  /** Response headers: a text that the value equals, or a pattern that it matches. Names in any case. */
  readonly headers?: Readonly<Record<string, string | RegExp>> | undefined
  readonly body?: BodyExpectations | undefined
  /** From the start to the end of the response, over all redirects, at most. */
  readonly latency?: Duration | undefined
  /** Days until the server's certificate expires, at least. HTTPS only. */
  readonly certificateDays?: number | undefined
}

/** Looks at the first `maxBody` bytes of the body, after decompression. */
export interface BodyExpectations {
  /** Every one of these texts. */
  readonly contains?: string | readonly string[] | undefined
  /** A pattern. */
  readonly matches?: RegExp | undefined
  /**
   * Values in a JSON body, by JSONPath (RFC 9535): `{ '$.status': 'ok', '$.checks[*].healthy': true }`. Each path
   * must find something, and everything that it finds must equal the value, or match the pattern.
   */
  readonly json?: Readonly<Record<string, JsonExpectation>> | undefined
}

export type JsonExpectation = string | number | boolean | null | RegExp

/** Options of {@link http}, besides those that every service has. */
export interface HttpOptions {
  /** Default `GET`. */
  readonly method?: string | undefined
  /** Sent to the URL's own origin only: a redirect to another one gets none of them. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined
  readonly body?: string | Secret | undefined
  readonly expect?: Expectations | undefined
  /** Redirects that are followed at most, 0 to 20. Default 5. */
  readonly redirects?: number | undefined
  /** `new`: each check connects anew, as a visitor does. `reuse`: keeps the connection, which is cheaper and hides failures to connect. Default `new`. */
  readonly connection?: 'new' | 'reuse' | undefined
  /** The address family. Default: whichever answers first. */
  readonly family?: 4 | 6 | undefined
  /** How much of the body is read, in bytes, 0 to 64 MiB. Default 1 MiB. */
  readonly maxBody?: number | undefined
  readonly tls?: TlsOptions | undefined
  /**
   * For a URL that somebody else chose: `true`, or what it may reach. Judged is each address that would be connected to,
   * after redirects too. Refused are loopback, link-local, multicast and the like, and the metadata of clouds; private
   * networks are not. Default false.
   *
   * @example
   * http(url, { guard: { allow: ['*.corp.example', '10.0.0.0/8'] } })
   */
  readonly guard?: boolean | GuardOptions | undefined
}

/** {@link HttpOptions} as the check uses them. */
export interface CheckOptions extends HttpOptions {
  readonly url: string | Secret
}

export const MAX_BODY = 1_048_576
export const MAX_REDIRECTS = 5

const textOrPattern = v.custom<string | RegExp>(
  (value) => typeof value === 'string' || value instanceof RegExp,
  'a text or a regular expression',
)
const duration = v.custom<Duration>((value) => (parseDuration(value) ?? 0) > 0, DURATION_EXPECTED)
const statusPattern = v.custom<StatusPattern>(isStatusPattern, STATUS_EXPECTED)

export const isHttpUrl = (value: unknown) =>
  typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)

const url = v.custom<string | Secret>(
  (value) => isSecret(value) || isHttpUrl(value),
  `an http:// or https:// URL such as 'https://example.com/health'`,
)

const headerNames = v.custom<Record<string, string | Secret>>(
  (value) => Object.keys(Object(value)).every((name) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(name)),
  'header names of letters, digits and dashes',
)
const headerValue = v.pipe(
  secretText,
  v.check((value) => isSecret(value) || isHeaderValue(value), HEADER_VALUE_EXPECTED),
)

const jsonExpectation = v.custom<JsonExpectation>(
  (value) =>
    value === null || ['string', 'number', 'boolean'].includes(typeof value) || value instanceof RegExp,
  'a text, number, boolean, null or regular expression',
)

const expectations = v.strictObject({
  status: v.optional(
    v.union([statusPattern, v.pipe(v.array(statusPattern), v.nonEmpty(STATUS_EXPECTED))], STATUS_EXPECTED),
  ),
  headers: v.optional(v.record(v.string(), textOrPattern)),
  body: v.optional(
    v.strictObject({
      contains: v.optional(v.union([v.string(), v.array(v.string())], 'a text or a list of texts')),
      matches: v.optional(v.instance(RegExp, 'a regular expression')),
      json: v.optional(
        v.record(v.custom<string>(isQuery, `JSONPath queries such as '$.status'`), jsonExpectation),
      ),
    }),
  ),
  latency: v.optional(duration),
  certificateDays: v.optional(
    v.custom<number>((value) => typeof value === 'number' && value >= 0, 'a number of days from 0'),
  ),
})

const guardOptions = v.strictObject({ allow: v.optional(allowList) })
const guard = v.lazy((value) =>
  typeof value === 'object' && value !== null
    ? guardOptions
    : v.boolean(`true, false, or { allow: ['*.example.com'] }`),
)

/** The schema of everything that {@link http} takes. */
export const schema = v.strictObject({
  url,
  method: v.optional(
    v.custom<string>((value) => /^[A-Z]{1,20}$/.test(String(value)), `a method such as 'GET', in capitals`),
  ),
  headers: v.optional(v.intersect([v.record(v.string(), headerValue), headerNames])),
  body: v.optional(secretText),
  expect: v.optional(expectations),
  redirects: v.optional(wholeNumber(0, 20)),
  connection: v.optional(v.picklist(['new', 'reuse'], `'new' or 'reuse'`)),
  family: v.optional(v.picklist([4, 6], '4 or 6')),
  maxBody: v.optional(wholeNumber(0, 64 * 1_048_576)),
  tls: v.optional(tlsOptions),
  guard: v.optional(guard),
})
