import { createServer } from 'node:http'
import { elasticsearch } from '@uptimeserver/elasticsearch'
import { quietContext } from '@uptimeserver/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { AwsSigner } from '../src/aws.js'
import { AwsGate } from './support/aws-gate.js'
import { parseAuthorization, signatureOf } from './support/sigv4.js'

const KEYS = { accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const REGION = 'eu-central-1'

/** What AWS publishes to test signers with, by the names of its suite (aws-sig-v4-test-suite). */
describe('the verifier gives the signatures that AWS publishes', () => {
  const UNRESERVED = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  test.each([
    ['get-vanilla', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['get-utf8', '/ሴ', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
    ['get-space', '/example space/', '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741'],
    [
      'get-vanilla-query-order-key-case',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-query-unreserved',
      `/?${UNRESERVED}=${UNRESERVED}`,
      '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    ],
  ])('%s', (_, target, signature) => {
    const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' }
    const scope = {
      date: '20150830',
      region: 'us-east-1',
      service: 'service',
      signedHeaders: ['host', 'x-amz-date'],
    }
    expect(signatureOf({ method: 'GET', target, headers }, scope, KEYS.secretKey)).toBe(signature)
  })
})

describe('a request', () => {
  const sign = async (url: string, auth = {}) => {
    const signer = new AwsSigner({ type: 'aws', region: REGION, ...KEYS, ...auth })
    const headers: Record<string, string> = { host: new URL(url).host, ...(await signer.sign(new URL(url))) }
    const given = parseAuthorization(headers.authorization)!
    const { pathname, search } = new URL(url)
    const expected = signatureOf({ method: 'GET', target: pathname + search, headers }, given, KEYS.secretKey)
    return { headers, given, expected }
  }

  test.each([
    ['a plain path', 'https://search.example/_cluster/health'],
    ['a query', 'https://search.example/_cat/shards?format=json&h=index,shard&b=2&a=1'],
    ['a path that is encoded already', 'https://search.example/_cluster/health/logs-%2A,m%C3%A4rz'],
    ['a path with stars and commas', 'https://search.example/_cluster/health/logs-*,metrics-*'],
    ['a port', 'https://search.example:9200/'],
  ])('with %s is signed as AWS verifies it', async (_, url) => {
    const { given, expected } = await sign(url)
    expect(given).toMatchObject({ accessKey: KEYS.accessKey, region: REGION, service: 'es' })
    expect(given.signature).toBe(expected)
    expect(given.signedHeaders).toContain('host')
  })

  test('of temporary keys holds their token, signed', async () => {
    const { headers, given, expected } = await sign('https://search.example/', { sessionToken: 'token' })
    expect(headers['x-amz-security-token']).toBe('token')
    expect(given.signedHeaders).toContain('x-amz-security-token')
    expect(given.signature).toBe(expected)
  })

  test('to Serverless says the hash of its body, signed', async () => {
    const { headers, given, expected } = await sign('https://search.example/', { service: 'aoss' })
    expect(headers['x-amz-content-sha256']).toMatch(/^e3b0c442/)
    expect(given).toMatchObject({ service: 'aoss', signature: expected })
    expect(given.signedHeaders).toContain('x-amz-content-sha256')
  })
})

describe('a check through a gate that verifies', () => {
  const cluster = createServer((request, response) => {
    const health = { status: 'green', timed_out: false, number_of_nodes: 1, unassigned_shards: 0 }
    const rest = { active_shards_percent_as_number: 100, number_of_pending_tasks: 0 }
    response.end(
      JSON.stringify(request.url === '/' ? { version: { number: '2.19.4' } } : { ...health, ...rest }),
    )
  })
  beforeAll(() => new Promise<void>((resolve) => cluster.listen(0, '127.0.0.1', resolve)))
  afterAll(() => void cluster.close())
  afterEach(() => void vi.useRealTimers())
  const target = () => `http://127.0.0.1:${(cluster.address() as { port: number }).port}`
  const check = (hosts: string, auth = {}, options = {}) =>
    elasticsearch({
      ...{ name: 'it', hosts, ...options },
      auth: { type: 'aws', region: REGION, ...KEYS, ...auth },
    }).check(quietContext(AbortSignal.timeout(5_000)))

  test('is up with the right keys, whatever is asked', async () => {
    await using gate = await AwsGate.open(target(), KEYS)
    await expect(check(gate.url)).resolves.toMatchObject({ status: 'green' })
    await expect(check(gate.url, {}, { index: 'logs-*,märz' })).resolves.toMatchObject({ status: 'green' })
    expect(gate.passed.some((path) => path.includes('/logs-*,m%C3%A4rz?'))).toBe(true)
  })

  test('is down with a wrong key, a wrong session or none, and never shows them', async () => {
    await using gate = await AwsGate.open(target(), { ...KEYS, sessionToken: 'token' })
    await expect(check(gate.url, { sessionToken: 'token' })).resolves.toMatchObject({ status: 'green' })
    await expect(check(gate.url, { sessionToken: 'other' })).rejects.toThrow(
      /^not allowed signed for es in eu-central-1 \(403\): The security token included in the request is invalid\.$/,
    )
    await expect(check(gate.url)).rejects.toThrow(/token .* is invalid/)
    const wrong = check(gate.url, { sessionToken: 'token', secretKey: 'hunter2' })
    await expect(wrong).rejects.toThrow(/does not match/)
    await expect(wrong).rejects.not.toThrow(/hunter2/)
  })

  test.each([-600_000, 600_000])('says that a clock is wrong when it is (%i ms)', async (skew) => {
    await using gate = await AwsGate.open(target(), KEYS, { now: () => Date.now() + skew })
    await expect(check(gate.url)).rejects.toThrow(
      /^the clock of this machine is wrong, or AWS's is \(403\): Signature/,
    )
  })

  test('of Serverless is up at the level that it has', async () => {
    await using gate = await AwsGate.open(target(), KEYS, { service: 'aoss' })
    const up = check(gate.url, { service: 'aoss' }, { level: 'ping' })
    await expect(up).resolves.toMatchObject({ version: '2.19.4' })
    await expect(check(gate.url, {}, { level: 'ping' })).rejects.toThrow(/correct service/)
  })
})
