import { secret } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { hostProblem } from '@uptimeserver/http/guard'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Guard } from '../src/guard/guard.js'
import { Range } from '../src/guard/range.js'
import { checked } from './support/check.js'
import { serveDns } from './support/dns-server.js'
import { send } from './support/send.js'
import { serve } from './support/servers.js'

const MANY = 'needs Linux, whose loopback has many addresses'
const isLinux = process.platform === 'linux'
const hello = (host?: string, port?: number) => serve((_, response) => response.end('hello'), host, port)

const LOOPBACK = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '①②⑦.0.0.1',
  '%31%32%37.0.0.1',
  '[::ffff:127.0.0.1]',
  '[0:0:0:0:0:FFFF:7F00:0001]',
  'localhost',
  'any.LOCALHOST',
]

for (const connection of ['new', 'reuse'] as const) {
  const guarded = (url: string, guard: true | { allow?: string[] } = true, options = {}) =>
    checked(http(url, { connection, guard, ...options }))

  for (const host of LOOPBACK) {
    test(`${connection}: loopback is not connected to as ${host}`, async () => {
      await using server = await hello()
      const url = `http://${host}:${server.port}/`
      const headers = { apikey: secret('hunter2') }
      const { message } = await guarded(url, true, { headers })
      expect(message).toMatch(
        /^refused to connect: .*\(loopback\).* which a discovered service may not reach; /,
      )
      expect(server.connections).toBe(0)
      expect(await checked(http(url, { connection }))).toMatchObject({ status: 'up' })
    })
  }

  test(`${connection}: the machine itself is not connected to by addresses that mean any of its own`, async () => {
    await using server = await hello()
    expect((await guarded(`http://0:${server.port}/`)).message).toMatch(/0\.0\.0\.0 \(this network\)/)
    expect((await guarded(`http://[::]:${server.port}/`)).message).toMatch(/:: \(unspecified\)/)
    expect((await guarded(`http://[::1]:${server.port}/`)).message).toMatch(/::1 \(loopback\)/)
    expect(server.connections).toBe(0)
  })

  test(`${connection}: what is refused is said, with what would allow it`, async () => {
    expect((await guarded('http://2130706433/')).message).toBe(
      `refused to connect: 127.0.0.1 (loopback) is an address which a discovered service may not reach; allow it with allow: ['*', '127.0.0.1']`,
    )
    expect((await guarded('http://any.localhost/', { allow: ['*'] })).message).toBe(
      `refused to connect: any.localhost has the address 127.0.0.1 (loopback), which a discovered service may not reach; add '127.0.0.1' to allow`,
    )
    expect((await guarded('http://any.localhost/', { allow: ['::1', '*.example'] })).status).toBe('down')
    expect((await guarded('http://10.1.2.3/', { allow: ['10.0.0.0/16', 'shop.example'] })).message).toBe(
      'refused to connect: 10.1.2.3 is not in allow',
    )
  })

  for (const location of [
    'http://0.0.0.0:port/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    '//[::1]:port/',
  ]) {
    test(`${connection}: a redirect to ${location} is not followed`, async () => {
      await using target = await hello()
      const there = location.replace('port', String(target.port))
      await using server = await serve((_, response) => response.writeHead(302, { location: there }).end())
      const allow = ['*', '127.0.0.0/8']
      const { message, detail } = await guarded(server.url, { allow })
      expect(message).toMatch(/^refused to connect: .* which a discovered service may not reach/)
      expect(detail).toMatchObject({ redirects: 1 })
      expect([server.connections, target.connections]).toEqual([1, 0])
    })
  }

  test(`${connection}: a redirect is followed to where it may lead`, async () => {
    await using target = await hello()
    await using server = await serve((_, response) => response.writeHead(302, { location: target.url }).end())
    expect(await guarded(server.url, { allow: ['127.0.0.1'] })).toMatchObject({ message: null, status: 'up' })
  })

  test(`${connection}: a host is never enough for a refused address`, async () => {
    await using server = await hello()
    const url = `http://any.localhost:${server.port}/`
    for (const allow of [
      ['*'],
      ['any.localhost'],
      ['*.localhost'],
      ['0.0.0.0/0', '::/0'],
      ['*', '126.0.0.0/7'],
    ])
      expect((await guarded(url, { allow })).message).toMatch(/\(loopback\)/)
    expect(server.connections).toBe(0)
    for (const allow of [['127.0.0.0/8'], ['127.0.0.1'], ['127.0.0.99/24'], ['::ffff:127.0.0.0/104']])
      expect(await guarded(url, { allow })).toMatchObject({ message: null, status: 'up' })
  })

  test(`${connection}: of several addresses only those are used that may be reached`, async (context) => {
    if (!isLinux) context.skip(MANY)
    await using dns = await serveDns({
      'A mixed.example': ['127.0.0.2', '169.254.169.254', '127.0.0.1'],
      'AAAA mixed.example': ['::1', '::ffff:127.0.0.2'],
    })
    await using server = await hello()
    await using other = await hello('127.0.0.2', server.port)
    const options = { servers: [dns.address], guard: { allow: ['127.0.0.1'] } }
    await using sent = send(connection, `http://mixed.example:${server.port}/`, options)
    expect((await sent.reply).status).toBe(200)
    expect([server.connections, other.connections]).toEqual([1, 0])
  })

  test(`${connection}: the address that was judged is the one that is connected to: nothing is asked twice`, async () => {
    await using dns = await serveDns({ 'A shop.example': ['127.0.0.1'] }, 0)
    await using server = await hello()
    const options = { servers: [dns.address], guard: { allow: ['127.0.0.0/8'] } }
    await using sent = send(connection, `http://shop.example:${server.port}/`, options)
    expect((await sent.reply).status).toBe(200)
    expect(dns.questions.filter((question) => question === 'A shop.example')).toHaveLength(1)
  })

  test(`${connection}: a name with no address that may be reached fails before anything is sent`, async () => {
    await using dns = await serveDns({
      'A evil.example': ['127.0.0.1', '169.254.169.254'],
      'AAAA evil.example': ['::1', '64:ff9b::7f00:1'],
    })
    await using server = await hello()
    const options = { servers: [dns.address], guard: { allow: ['evil.example'] } }
    await using sent = send(connection, `http://evil.example:${server.port}/`, options)
    await expect(sent.reply).rejects.toThrow(
      'refused to connect: evil.example has the address 127.0.0.1 (loopback)',
    )
    expect(server.connections).toBe(0)
  })

  test(`${connection}: a name outside of what is allowed is not connected to, wherever it leads`, async () => {
    await using dns = await serveDns({ 'A shop.example': ['192.0.2.1'] })
    const options = { servers: [dns.address], guard: { allow: ['10.0.0.0/8', '*.corp.example'] } }
    await using sent = send(connection, 'http://shop.example/', options)
    await expect(sent.reply).rejects.toThrow(
      'refused to connect: shop.example has the address 192.0.2.1, and allow has neither',
    )
  })
}

test('reuse: a connection that may be made is kept', async () => {
  await using server = await hello()
  const service = http(server.url, { connection: 'reuse', guard: { allow: ['127.0.0.0/8'] } })
  const context = { signal: new AbortController().signal } as never
  for (let n = 0; n < 3; n++) await service.check(context)
  expect(server.connections).toBe(1)
  await service.close?.()
})

test('without a guard everything is reached', async () => {
  await using server = await hello()
  for (const guard of [false, undefined])
    expect(await checked(http(server.url, { guard }))).toMatchObject({ status: 'up' })
})

/** Why an address is refused: its class, or that it is outside of what is allowed. */
function refusal(address: string, allow?: readonly string[], host = 'any.example'): string | undefined {
  const problem = new Guard({ allow }).problemOf(host, address)
  return /\(([^)]+)\)/.exec(problem ?? '')?.[1] ?? (problem && 'outside')
}

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['::1', 'loopback'],
  ['0.0.0.0', 'this network'],
  ['0.1.2.3', 'this network'],
  ['::', 'unspecified'],
  ['169.254.0.1', 'link-local'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf::1', 'link-local'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['100.100.100.200', 'metadata of Alibaba Cloud'],
  ['fd00:ec2::254', 'metadata of AWS'],
  ['fd00:ec2::23', 'metadata of AWS'],
  ['168.63.129.16', 'metadata of Azure'],
  ['fd20:ce::254', 'metadata of Google Cloud'],
  ['192.0.0.192', 'metadata of Oracle Cloud'],
  ['::ffff:169.254.169.254', 'link-local'],
  ['::169.254.169.254', 'link-local'],
  ['64:ff9b::a9fe:a9fe', 'link-local'],
  ['64:ff9b:1::a9fe:a9fe', 'link-local'],
  ['2002:a9fe:a9fe::1', 'link-local'],
  ['2002:6464:64c8:1:2:3:4:5', 'metadata of Alibaba Cloud'],
  ['::ffff:0:127.0.0.1', 'loopback'],
])('%s is refused as %s', (address, name) => expect(refusal(address)).toBe(name))

test.each([
  '1.1.1.1',
  '10.0.0.1',
  '100.64.0.1',
  '100.100.100.201',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '172.16.0.1',
  '192.168.1.1',
  '223.255.255.255',
  '240.0.0.1',
  '2001:db8::1',
  '2002:0a00:1::1',
  '64:ff9b::8.8.8.8',
  '::ffff:10.0.0.1',
  'fd00::1',
  'fd00:ec3::254',
  'fec0::1',
])('%s is not refused', (address) => expect(refusal(address)).toBeUndefined())

test('what is allowed is a range or a host, and nothing else is reached', () => {
  const allow = ['10.0.0.0/8', 'fd00::/8', '192.0.2.1', 'Shop.Example.', '*.corp.example', 'bücher.example']
  for (const address of ['10.9.9.9', '::ffff:10.9.9.9', 'fd12::1', '192.0.2.1'])
    expect(refusal(address, allow), address).toBeUndefined()
  for (const address of ['11.0.0.1', '192.0.2.2', 'fe00::1', '64:ff9b::10.0.0.1'])
    expect(refusal(address, allow), address).toBe('outside')
  for (const host of [
    'shop.example',
    'shop.example.',
    'a.corp.example',
    'a.b.corp.example.',
    'xn--bcher-kva.example',
  ])
    expect(refusal('1.1.1.1', allow, host), host).toBeUndefined()
  for (const host of [
    'corp.example',
    'notcorp.example',
    '.corp.example',
    'a.shop.example',
    'shop.example.org',
  ])
    expect(refusal('1.1.1.1', allow, host), host).toBe('outside')
  expect(refusal('1.1.1.1', ['*'], 'anything')).toBeUndefined()
})

test('a wide range does not name the refused addresses within it, and a list of IPv6 has none of IPv4', () => {
  expect(refusal('fd00:ec2::254', ['fd00::/8'])).toBe('metadata of AWS')
  expect(refusal('100.100.100.200', ['100.64.0.0/10'])).toBe('metadata of Alibaba Cloud')
  expect(refusal('100.100.100.200', ['100.100.100.200'])).toBeUndefined()
  expect(refusal('169.254.20.10', ['169.254.20.10'])).toBeUndefined()
  expect(refusal('169.254.169.254', ['169.254.20.10'])).toBe('link-local')
  expect(refusal('2002:7f00:1::', ['127.0.0.0/8', '2002::/16'])).toBe('loopback')
  expect(refusal('::1', ['127.0.0.0/8', '::/104'])).toBe('loopback')
  expect(refusal('10.0.0.1', ['::/0'])).toBe('outside')
  expect(refusal('::ffff:10.0.0.1', ['::/0'])).toBe('outside')
  expect(refusal('2001:db8::1', ['::/0'])).toBeUndefined()
})

const octet = fc.integer({ min: 0, max: 255 })
const refusedIpv4 = fc.oneof(
  fc.tuple(fc.constantFrom(0, 127, 224, 239), octet, octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  fc.constantFrom([255, 255, 255, 255], [100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]),
)
const group = fc.integer({ min: 0, max: 0xffff })
const PREFIXES = [
  [0, 0, 0, 0, 0, 0xffff],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0xffff, 0],
  [0x64, 0xff9b, 0, 0, 0, 0],
]

/** The eight groups of an IPv6 address that has an IPv4 one in it. */
const embedding = refusedIpv4.chain(([a, b, c, d]) => {
  const groups = [a! * 256 + b!, c! * 256 + d!]
  const within = PREFIXES.map((prefix) => fc.constant([...prefix, ...groups]))
  const sixToFour = fc
    .array(group, { minLength: 5, maxLength: 5 })
    .map((rest) => [0x2002, ...groups, ...rest])
  return fc.oneof(...within, sixToFour)
})

/** One of the ways to write an IPv6 address: long or short, in either case, with its end as IPv4 or not. */
function spell(
  groups: readonly number[],
  isLong: boolean,
  isUpper: boolean,
  isDotted: boolean,
  isShort: boolean,
) {
  const words = groups.map((value) => value.toString(16).padStart(isLong ? 4 : 1, '0'))
  if (isDotted)
    words.splice(
      6,
      2,
      groups
        .slice(6)
        .flatMap((value) => [value >> 8, value & 255])
        .join('.'),
    )
  const text = words.join(':')
  const short = isShort ? text.replace(/(^|:)0+(:0+)+(:|$)/, '::') : text
  return isUpper ? short.toUpperCase() : short
}

test('a refused IPv4 address is refused in every way that IPv6 has to write it', () => {
  const spelling = [fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()] as const
  fc.assert(
    fc.property(embedding, ...spelling, (groups, ...how) => {
      const address = spell(groups, ...how)
      expect(refusal(address), address).toBeDefined()
      expect(refusal(address, ['*', '::/0', '0.0.0.0/0']), address).toBeDefined()
      expect(hostProblem(`[${address}]:8080`), address).toMatch(/may not reach/)
    }),
    { numRuns: 1_000 },
  )
})

test('a range has what begins as it does, bit by bit', () => {
  const bits = (groups: readonly number[]) =>
    groups.map((value) => value.toString(2).padStart(16, '0')).join('')
  const write = (groups: readonly number[]) => groups.map((value) => value.toString(16)).join(':')
  const groups = fc.oneof(
    fc.array(group, { minLength: 8, maxLength: 8 }),
    fc.tuple(group, group).map((last) => [0, 0, 0, 0, 0, 0xffff, ...last]),
  )
  const bit = fc.integer({ min: 0, max: 127 })
  fc.assert(
    fc.property(groups, fc.integer({ min: 0, max: 128 }), bit, (base, length, flipped) => {
      const other = base.map((value, at) =>
        at === flipped >> 4 ? value ^ (0x8000 >> (flipped & 15)) : value,
      )
      const isIpv4 = bits(other).startsWith(bits([0, 0, 0, 0, 0, 0xffff]))
      const begins = bits(other).startsWith(bits(base).slice(0, length))
      expect(Range.parse(`${write(base)}/${length}`)!.has(write(other))).toBe(
        begins && !(isIpv4 && length < 96),
      )
    }),
    { numRuns: 1_000 },
  )
})

test('a host that can never be reached is known before it is looked up', () => {
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '::1',
    '[::1]',
    'x@127.0.0.1:8080',
    '169.254.169.254',
  ])
    expect(hostProblem(host), host).toMatch(
      / is an address which a discovered service may not reach; allow it /,
    )
  for (const host of ['shop.example', 'localhost', '10.0.0.1', 'fd00::1', 'shop.example:8080'])
    expect(hostProblem(host), host).toBeUndefined()
  expect(hostProblem('evil.example', ['*.corp.example'])).toBe('evil.example is not in allow')
  expect(hostProblem('BÜCHER.example', ['a.example'])).toBe('xn--bcher-kva.example is not in allow')
  expect(hostProblem('10.0.0.1', ['*.corp.example'])).toBe('10.0.0.1 is not in allow')
  expect(hostProblem('10.0.0.1', ['*'])).toBeUndefined()
  expect(hostProblem('A.Corp.Example', ['*.corp.example'])).toBeUndefined()
  expect(hostProblem('evil.example', ['*.corp.example', '10.0.0.0/8'])).toBeUndefined()
  expect(hostProblem('127.0.0.1', ['*', '127.0.0.0/8'])).toBeUndefined()
  expect(hostProblem('a b')).toBe('"a b" is no host')
  expect(hostProblem('')).toBe('"" is no host')
})

test('what is no range and no host is a mistake in the config', () => {
  const problemsOf = (guard: unknown) => http('https://shop.example', { guard: guard as true }).problems ?? []
  const expected = `an address range such as '10.0.0.0/8' or a host such as '*.example.com'`
  for (const entry of [
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.256',
    '10.0.0',
    '2130706433',
    'fd00::/129',
    '[fd00::1]',
    'fe80::1%eth0',
    'shop.example:80',
    'http://shop.example',
    'shop.example/x',
    '%31%32%37.0.0.1',
    'shop*.example',
    '*.*.example',
    '*example',
    '*.',
    '.shop.example',
    'shop..example',
    ' ',
    '',
    7,
    null,
  ])
    expect(problemsOf({ allow: ['*', entry] }), String(entry)).toMatchObject([
      { path: 'guard.allow[1]', expected },
    ])
  for (const allow of [[], '10.0.0.0/8', null])
    expect(problemsOf({ allow })).toMatchObject([
      { path: 'guard.allow', expected: `a list with ${expected}` },
    ])
  for (const guard of ['yes', null, 1]) expect(problemsOf(guard)).toMatchObject([{ path: 'guard' }])
  expect(problemsOf({ alow: [] })).toMatchObject([{ path: 'guard.alow' }])
  for (const guard of [true, false, undefined, {}, { allow: undefined }])
    expect(problemsOf(guard)).toEqual([])
  const allow = [
    '*',
    '*.a',
    'a',
    'a_b.c-d',
    'bücher.example.',
    '::',
    '::/0',
    '0.0.0.0/0',
    '1.1.1.1',
    'FD00::/8',
  ]
  expect(problemsOf({ allow })).toEqual([])
})
