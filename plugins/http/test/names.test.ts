import { expect, test } from 'vitest'
import { Names } from '../src/names.js'
import { candidates, parseHosts, parseResolvConf } from '../src/system-names.js'

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
