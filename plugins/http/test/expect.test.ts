import { randomBytes } from 'node:crypto'
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { type Expectations, http } from '@uptimeserver/http'
import { expect, test } from 'vitest'
import { checked } from './support/check.js'
import { serve } from './support/servers.js'

const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
const COMPRESS = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (text: string) => brotliCompressSync(text, quick),
}

/** What a check says of a response. `null`: up. */
async function verdict(
  expectations: Expectations,
  status = 200,
  body: string | Buffer = '',
  headers = {},
  delay = 0,
  maxBody?: number,
) {
  await using server = await serve((_, response) => {
    setTimeout(() => response.writeHead(status, headers).end(body), delay)
  })
  return (await checked(http(server.url, { name: 'x', expect: expectations, maxBody }))).message
}

test('without expectations any 2xx will do', async () => {
  for (const status of [200, 204, 299]) expect(await verdict({}, status)).toBeNull()
  for (const status of [199 + 101, 304, 404, 503])
    expect(await verdict({}, status)).toBe(`status ${status}, expected 2xx`)
})

test('status as number, class, range or list', async () => {
  expect(await verdict({ status: 200 }, 503)).toBe('status 503, expected 200')
  expect(await verdict({ status: 404 }, 404)).toBeNull()
  expect(await verdict({ status: '4xx' }, 418)).toBeNull()
  expect(await verdict({ status: '200-299' }, 300)).toBe('status 300, expected 200-299')
  expect(await verdict({ status: [200, '3xx', '500-503'] }, 503)).toBeNull()
  expect(await verdict({ status: [200, '3xx'] }, 404)).toBe('status 404, expected 200 or 3xx')
})

test('headers equal a text or match a pattern', async () => {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'set-cookie': ['a=1', 'b=2'] }
  expect(await verdict({ headers: { 'Content-Type': /^text\/html/ } }, 200, '', headers)).toBeNull()
  expect(await verdict({ headers: { 'content-type': 'text/html' } }, 200, '', headers)).toBe(
    'header content-type is "text/html; charset=utf-8", expected "text/html"',
  )
  expect(await verdict({ headers: { 'x-none': /./ } }, 200, '', headers)).toBe(
    'header x-none is missing, expected /./',
  )
})

test('the body contains texts and matches a pattern', async () => {
  expect(await verdict({ body: { contains: 'ok' } }, 200, 'all ok')).toBeNull()
  expect(await verdict({ body: { contains: ['ok', 'fine'] } }, 200, 'all ok')).toBe(
    'body does not contain "fine": "all ok"',
  )
  expect(await verdict({ body: { matches: /v\d+/ } }, 200, 'v12')).toBeNull()
  expect(await verdict({ body: { matches: /v\d+/ } }, 200, 'none')).toBe(
    'body does not match /v\\d+/: "none"',
  )
})

test('a pattern with a memory does not forget its beginning', async () => {
  const pattern = /ok/g
  for (let n = 0; n < 3; n++) expect(await verdict({ body: { matches: pattern } }, 200, 'ok')).toBeNull()
})

test('values in a JSON body, by JSONPath', async () => {
  const body = JSON.stringify({
    status: 'ok',
    db: { up: true, lag: 3 },
    nodes: [{ ok: true }, { ok: false }],
    none: null,
  })
  const json = (expected: Record<string, string | number | boolean | null | RegExp>) =>
    verdict({ body: { json: expected } }, 200, body)
  expect(
    await json({ '$.status': 'ok', '$.db.up': true, '$.db.lag': 3, '$.none': null, '$.nodes[0].ok': true }),
  ).toBeNull()
  expect(await json({ '$.status': /^o/ })).toBeNull()
  expect(await json({ '$.status': 'degraded' })).toBe('$.status is "ok", expected "degraded"')
  expect(await json({ '$.db.lag': '3' })).toBe('$.db.lag is 3, expected "3"')
  expect(await json({ '$.nodes[*].ok': true })).toBe('$.nodes[*].ok is false, expected true')
  expect(await json({ '$.missing': 1 })).toBe('$.missing is not in the body, expected 1')
  expect(await verdict({ body: { json: { '$.a': 1 } } }, 200, '<html>')).toBe('the body is no JSON: "<html>"')
})

test('a compressed body is unpacked', async () => {
  for (const [encoding, compress] of Object.entries(COMPRESS)) {
    const headers = { 'content-encoding': encoding }
    expect(await verdict({ body: { contains: 'hello' } }, 200, compress('hello'), headers)).toBeNull()
    expect(await verdict({ body: { contains: 'hello' } }, 200, 'not compressed', headers)).toMatch(
      new RegExp(`^the body cannot be decompressed \\(${encoding}\\)`),
    )
  }
})

test('of a compressed page as much is looked at as of a plain one', async () => {
  const page = `needle ${randomBytes(1_500_000).toString('hex')}`
  for (const [encoding, compress] of Object.entries(COMPRESS)) {
    for (const body of [`needle ${'x'.repeat(3_000_000)}`, page]) {
      const headers = { 'content-encoding': encoding }
      expect(await verdict({ body: { contains: 'needle' } }, 200, compress(body), headers)).toBeNull()
      expect(await verdict({ body: { contains: 'missing' } }, 200, compress(body), headers)).toMatch(
        /^body does not contain "missing" within its first 1048576 bytes: "needle /,
      )
    }
  }
})

test('maxBody is counted to the byte, compressed or not', async () => {
  for (const [encoding, compress] of Object.entries({ ...COMPRESS, identity: (text: string) => text })) {
    const headers = { 'content-encoding': encoding }
    const within = (maxBody: number) =>
      verdict({ body: { matches: /end$/ } }, 200, compress('the end'), headers, 0, maxBody)
    expect(await within(7)).toBeNull()
    expect(await within(6)).toBe('body does not match /end$/ within its first 6 bytes: "the en"')
  }
})

test('a byte order mark is no part of the body', async () => {
  const json = '\ufeff{"a":1}'
  expect(await verdict({ body: { json: { '$.a': 1 }, matches: /^\{/ } }, 200, json)).toBeNull()
})

test('latency over all', async () => {
  expect(await verdict({ latency: '5s' }, 200, '', {}, 50)).toBeNull()
  expect(await verdict({ latency: '30ms' }, 200, '', {}, 80)).toMatch(
    /^latency \d+ ms, expected at most 30 ms$/,
  )
})

test('everything that fails is told, but for a wrong status, which stands alone', async () => {
  const both: Expectations = { headers: { 'x-a': 'b' }, body: { contains: 'c' } }
  expect(await verdict(both, 200, 'd')).toBe(
    'header x-a is missing, expected "b"; body does not contain "c": "d"',
  )
  expect(await verdict(both, 500, 'd')).toBe('status 500, expected 2xx')
})

test('a long body is shown in part', async () => {
  const message = await verdict({ body: { contains: 'needle' } }, 200, 'x'.repeat(5_000))
  expect(message!.length).toBeLessThan(150)
})

test('wrong options are told with their place', () => {
  const service = http('example.com', {
    method: 'get',
    redirects: 99,
    family: 5 as never,
    connection: 'keep' as never,
    maxBody: -1,
    headers: { 'bad name': 'x', ok: 7 as never },
    expect: {
      status: 'okay' as never,
      latency: 'quick' as never,
      certificateDays: -1,
      body: { json: { 'no path': 1 }, matches: 'text' as never, containz: 'x' } as never,
    },
    tls: { insecure: 'yes' as never },
  })
  const told = Object.fromEntries(service.problems!.map(({ path, expected }) => [path, expected]))
  expect(told).toMatchObject({
    url: `an http:// or https:// URL such as 'https://example.com/health'`,
    method: `a method such as 'GET', in capitals`,
    redirects: 'a whole number from 0 to 20',
    family: '4 or 6',
    connection: `'new' or 'reuse'`,
    maxBody: 'a whole number from 0 to 67108864',
    'expect.status': `a status such as 200, '2xx', '200-299', or a list of such`,
    'expect.latency': expect.stringMatching(/^a duration/),
    'expect.certificateDays': 'a number of days from 0',
    'expect.body.matches': 'a regular expression',
    'expect.body.containz': 'one of contains, matches, json',
    'tls.insecure': 'boolean',
  })
  expect(Object.keys(told)).toContain('headers.ok')
  expect(service.problems!.map(({ expected }) => expected)).toContain(
    'header names of letters, digits and dashes',
  )
  expect(service.problems!.map(({ expected }) => expected)).toContain(`JSONPath queries such as '$.status'`)
})
