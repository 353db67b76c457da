import { expect, test } from 'vitest'
import { Names } from '../src/names.js'
import { candidates, parseHosts, parseResolvConf } from '../src/system-names.js'
import { serveDns } from './support/dns-server.js'

test('the hosts file is read with comments, several names and both families', () => {
  const hosts = parseHosts(
    '# comment\n127.0.0.1 localhost Box.Local # own\n::1 localhost\nbad line\n10.0.0.1\n',
  )
  expect(Object.fromEntries(hosts)).toEqual({ localhost: ['127.0.0.1', '::1'], 'box.local': ['127.0.0.1'] })
})

test('the search list and ndots are read', () => {
  const text =
    'nameserver 10.0.0.10\nsearch old.example\nsearch a.svc.cluster.local svc.cluster.local.\noptions timeout:1 ndots:5\n'
  expect(parseResolvConf(text)).toEqual({ search: ['a.svc.cluster.local', 'svc.cluster.local'], ndots: 5 })
  expect(parseResolvConf('domain example.com')).toEqual({ search: ['example.com'], ndots: 1 })
  expect(parseResolvConf('')).toEqual({ search: [], ndots: 1 })
})

test('names are tried as resolv.conf(5) says', () => {
  const cluster = { search: ['a.svc', 'svc'], ndots: 5 }
  expect(candidates('shop', cluster)).toEqual(['shop.a.svc', 'shop.svc', 'shop'])
  expect(candidates('shop.example.com', cluster)).toEqual([
    'shop.example.com.a.svc',
    'shop.example.com.svc',
    'shop.example.com',
  ])
  expect(candidates('shop.example.com', { search: ['svc'], ndots: 1 })).toEqual([
    'shop.example.com',
    'shop.example.com.svc',
  ])
  expect(candidates('shop.example.com.', cluster)).toEqual(['shop.example.com'])
})

test('an address is its own answer', () => {
  const names = new Names()
  expect(names.known('10.1.2.3')).toEqual([{ address: '10.1.2.3', family: 4 }])
  expect(names.known('::1')).toEqual([{ address: '::1', family: 6 }])
  expect(names.known('example.com')).toBeUndefined()
})

test('localhost is this machine, in the family asked for', async () => {
  const names = new Names()
  expect(await names.resolve('localhost', 4)).toEqual([{ address: '127.0.0.1', family: 4 }])
  expect((await names.resolve('LOCALHOST')).map(({ family }) => family)).toContain(4)
})

test('lookups of one name at the same time are one lookup', async () => {
  const names = new Names()
  const [one, two] = [names.resolve('uptime-test.localhost'), names.resolve('uptime-test.localhost')]
  expect(one).toBe(two)
  await one
})

test('a name that does not exist is an error each time, and not remembered', async () => {
  const names = new Names()
  const one = names.resolve('uptime-test.invalid')
  await expect(one).rejects.toMatchObject({
    code: expect.stringMatching(/ENOTFOUND|ECONNREFUSED|ETIMEOUT|ENODATA/),
  })
  expect(names.resolve('uptime-test.invalid')).not.toBe(one)
  await names.resolve('uptime-test.invalid').catch(() => undefined)
})

test('addresses of both families come from DNS, IPv4 first', async () => {
  await using dns = await serveDns({
    'A shop.example': ['10.0.0.1', '10.0.0.2'],
    'AAAA shop.example': ['fd00::1'],
  })
  const names = new Names([dns.address])
  const found = await names.resolve('shop.example')
  expect(found.map(({ address }) => address).sort()).toEqual(['10.0.0.1', '10.0.0.2', 'fd00::1'])
  expect(found.at(-1)!.family).toBe(6)
  expect((await names.resolve('shop.example', 6)).map(({ address }) => address)).toEqual(['fd00::1'])
})

test('an answer is kept for its time to live, and asked for anew after it', async () => {
  await using dns = await serveDns({ 'A shop.example': ['10.0.0.1'] }, 1)
  const names = new Names([dns.address])
  const asked = () => dns.questions.filter((question) => question === 'A shop.example').length
  await names.resolve('shop.example', 4)
  await names.resolve('shop.example', 4)
  expect(asked()).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await names.resolve('shop.example', 4)
  expect(asked()).toBe(2)
})

test('a family that stays silent holds up the other for a moment only', async () => {
  await using dns = await serveDns({ 'A shop.example': ['10.0.0.1'], 'AAAA shop.example': 'silent' })
  const started = performance.now()
  const found = await new Names([dns.address]).resolve('shop.example')
  expect(found).toEqual([{ address: '10.0.0.1', family: 4 }])
  expect(performance.now() - started).toBeLessThan(1_000)
})

test('a server that fails is told as such, and not as a name that does not exist', async () => {
  await using dns = await serveDns({ 'A shop.example': 'fail', 'AAAA shop.example': 'fail' })
  await expect(new Names([dns.address]).resolve('shop.example')).rejects.toMatchObject({ code: 'ESERVFAIL' })
})

test('a hundred names that hang do not hold up one that answers', async () => {
  const silent = Array.from({ length: 100 }, (_, index) => [`A hang${index}.example`, 'silent'] as const)
  await using dns = await serveDns({ ...Object.fromEntries(silent), 'A shop.example': ['10.0.0.1'] })
  const names = new Names([dns.address])
  for (let n = 0; n < 100; n++) names.resolve(`hang${n}.example`, 4).catch(() => undefined)
  const started = performance.now()
  await names.resolve('shop.example', 4)
  expect(performance.now() - started).toBeLessThan(1_000)
})
