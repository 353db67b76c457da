import { reveal, type Secret } from '@uptimeserver/core'
import { secretText, text } from '@uptimeserver/core/kit'
import * as v from 'valibot'

/** As whom a cluster is asked. */
export type Auth =
  | { readonly type: 'none' }
  /** Basic authentication. An empty user is nobody. */
  | { readonly type: 'http'; readonly user: string; readonly secret: string | Secret }
  /** The key as Elasticsearch gives it out: `encoded`, or `id` and `secret`. */
  | { readonly type: 'apiKey'; readonly encoded: string | Secret }
  | { readonly type: 'apiKey'; readonly id: string; readonly secret: string | Secret }
  | { readonly type: 'bearer'; readonly token: string | Secret }
  /** A client certificate, in PEM. */
  | {
      readonly type: 'cert'
      readonly cert: string | Secret
      readonly key: string | Secret
      readonly ca?: string | Secret | undefined
      readonly passphrase?: string | Secret | undefined
    }
  | AwsAuth

/** Signs requests for Amazon OpenSearch Service (`es`) or Serverless (`aoss`). Without keys they come from AWS's own chain. */
export interface AwsAuth {
  readonly type: 'aws'
  readonly region: string
  readonly accessKey?: string | Secret | undefined
  readonly secretKey?: string | Secret | undefined
  readonly sessionToken?: string | Secret | undefined
  /** Default `'es'`. */
  readonly service?: 'es' | 'aoss' | undefined
}

const word = text(500)
const TYPES = `auth of type 'none', 'http', 'apiKey', 'bearer', 'cert' or 'aws'`

const aws = v.pipe(
  v.strictObject({
    type: v.literal('aws'),
    region: v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, `a region such as 'eu-central-1'`)),
    accessKey: v.optional(secretText),
    secretKey: v.optional(secretText),
    sessionToken: v.optional(secretText),
    service: v.optional(v.picklist(['es', 'aoss'], `'es' or 'aoss'`)),
  }),
  v.check(
    ({ accessKey, secretKey }) => (accessKey === undefined) === (secretKey === undefined),
    'accessKey and secretKey together, or neither',
  ),
)

export const authSchema = v.union(
  [
    v.variant(
      'type',
      [
        v.strictObject({ type: v.literal('none') }),
        v.strictObject({ type: v.literal('http'), user: v.string(), secret: secretText }),
        v.strictObject({ type: v.literal('bearer'), token: secretText }),
        v.strictObject({
          type: v.literal('cert'),
          cert: secretText,
          key: secretText,
          ca: v.optional(secretText),
          passphrase: v.optional(secretText),
        }),
        aws,
      ],
      TYPES,
    ),
    v.strictObject({ type: v.literal('apiKey'), encoded: secretText }),
    v.strictObject({ type: v.literal('apiKey'), id: word, secret: secretText }),
  ],
  TYPES,
)

/** What is sent to say who asks; nothing where that is said elsewhere. */
export function authorization(auth: Auth): string | undefined {
  if (auth.type === 'http')
    return auth.user ? `Basic ${base64(`${auth.user}:${reveal(auth.secret)}`)}` : undefined
  if (auth.type === 'bearer') return `Bearer ${reveal(auth.token)}`
  if (auth.type !== 'apiKey') return undefined
  return `ApiKey ${'encoded' in auth ? reveal(auth.encoded) : base64(`${auth.id}:${reveal(auth.secret)}`)}`
}

/** Who asks, fit to be shown. */
export function describeAuth(auth: Auth): string {
  if (auth.type === 'http' && auth.user) return `as user "${auth.user}"`
  if (auth.type === 'apiKey') return 'id' in auth ? `with API key "${auth.id}"` : 'with an API key'
  if (auth.type === 'bearer') return 'with a bearer token'
  if (auth.type === 'cert') return 'with a client certificate'
  return auth.type === 'aws' ? `signed for ${auth.service ?? 'es'} in ${auth.region}` : 'as nobody'
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64')
}
