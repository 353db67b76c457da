import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * Signature Version 4 as AWS describes it, in its words, for whoever receives a request:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export interface ReceivedRequest {
  readonly method: string
  /** As it came over the wire. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body?: string
}

export interface Keys {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken?: string
}

export interface Authorization {
  readonly accessKey: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

export function parseAuthorization(header = ''): Authorization | undefined {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      header,
    )
  if (!found) return undefined
  const [, accessKey, date, region, service, signedHeaders, signature] = found as unknown as string[]
  return {
    ...{ accessKey: accessKey!, date: date!, region: region!, service: service!, signature: signature! },
    signedHeaders: signedHeaders!.split(';'),
  }
}

/** The signature that a request should have. */
export function signatureOf(
  request: ReceivedRequest,
  { date, region, service, signedHeaders }: Omit<Authorization, 'accessKey' | 'signature'>,
  secretKey: string,
): string {
  const scope = `${date}/${region}/${service}/aws4_request`
  const canonical = canonicalRequest(request, signedHeaders)
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>(
    (above, part) => hmac(above, part),
    `AWS4${secretKey}`,
  )
  return hmac(key, toSign).toString('hex')
}

export function canonicalRequest(
  { method, target, headers, body = '' }: ReceivedRequest,
  signedHeaders: readonly string[],
): string {
  const [path = '/', query = ''] = target.split('?')
  const lines = signedHeaders.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`)
  const hash = headers['x-amz-content-sha256'] ?? sha256(body)
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...lines,
    '',
    signedHeaders.join(';'),
    hash,
  ].join('\n')
}

/** What came encoded is encoded once more, for every service but S3. */
function canonicalPath(path: string): string {
  return path.split('/').map(encode).join('/')
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const
    })
  return pairs
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map((pair) => pair.join('='))
    .join('&')
}

/** Everything but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
