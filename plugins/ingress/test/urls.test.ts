import { describe, expect, test } from 'vitest'
import { urlOf } from '../src/url.js'
import { placeOf, serving } from './support/objects.js'

const object = serving('a.example')
type Place = ReturnType<typeof placeOf>
const exact = { served: 'exact' } as const
const pattern = { served: 'pattern' } as const

const of = (place: Place, options: Parameters<typeof urlOf>[3] = {}, said?: string) => {
  const found = urlOf(place, object, said, options)
  return 'url' in found ? found.url : found.fault
}
const at = (path: string, options: Parameters<typeof urlOf>[3] = {}, said?: string) =>
  of(placeOf('a.example', path), options, said)

describe('the URL of a place', () => {
  test.each([
    ['/', 'http://a.example/health'],
    ['/shop', 'http://a.example/shop/health'],
    ['/shop/', 'http://a.example/shop/health'],
    ['/shop//', 'http://a.example/shop//health'],
    ['/a/../b', 'http://a.example/b/health'],
    ['/../..', 'http://a.example/health'],
    ['/a/%2e%2e/b', 'http://a.example/b/health'],
    ['/a b', 'http://a.example/a%20b/health'],
    ['/what?x=1', 'http://a.example/what%3Fx=1/health'],
    ['/a#b', 'http://a.example/a%23b/health'],
    ['/100%', 'http://a.example/100%/health'],
    ['/%41', 'http://a.example/%41/health'],
    ['/grün/東京', 'http://a.example/gr%C3%BCn/%E6%9D%B1%E4%BA%AC/health'],
    ['//evil.example', 'http://a.example//evil.example/health'],
    ['/\\evil.example', 'http://a.example//evil.example/health'],
    ['/@evil.example', 'http://a.example/@evil.example/health'],
    ['https://evil.example', 'http://a.example/https://evil.example/health'],
    ['/a;b:c', 'http://a.example/a;b:c/health'],
  ])('below %j is %s', (path, url) => expect(at(path)).toBe(url))

  test.each([
    ['health', '/shop', 'http://a.example/shop/health'],
    ['health/live?full=1', '/shop', 'http://a.example/shop/health/live?full=1'],
    ['/healthz', '/shop', 'http://a.example/healthz'],
    ['/healthz?full=1', '/', 'http://a.example/healthz?full=1'],
    ['//evil.example/', '/shop', 'http://a.example/evil.example/'],
    ['https://evil.example', '/shop', 'http://a.example/shop/https://evil.example'],
    [false, '/shop', 'http://a.example/shop'],
    [false, '/shop/', 'http://a.example/shop/'],
  ] as const)('with health %j for %s is %s', (health, path, url) => expect(at(path, { health })).toBe(url))

  test('that is served exactly is as it is', () => {
    expect(of(placeOf('a.example', '/login', exact))).toBe('http://a.example/login')
    expect(of(placeOf('a.example', '/login', exact), { health: '/healthz' })).toBe('http://a.example/login')
  })

  test('has the scheme of the place, unless the config says another', () => {
    const secure = placeOf('a.example', '/', { ...exact, scheme: 'https' })
    expect(of(secure)).toBe('https://a.example/')
    expect(of(secure, { scheme: 'http' })).toBe('http://a.example/')
    expect(of(placeOf('a.example', '/', exact), { scheme: 'https' })).toBe('https://a.example/')
  })

  test.each([
    ['SHOP.Example', 'http://shop.example/'],
    ['bücher.example', 'http://xn--bcher-kva.example/'],
    ['xn--bcher-kva.example', 'http://xn--bcher-kva.example/'],
    ['2130706433', 'http://127.0.0.1/'],
  ])('has the host %s as URLs write it', (host, url) => expect(of(placeOf(host, '/', exact))).toBe(url))

  test('that is a pattern is none', () => {
    const fault = 'its path is a pattern, which names no URL'
    expect(of(placeOf('a.example', '/(a|b)', pattern))).toBe(fault)
    expect(of(placeOf('a.example', '/(a|b)', pattern), { health: '/healthz' })).toBe(fault)
    expect(of(placeOf('a.example', '/(a|b)', pattern), { health: false })).toBe(fault)
  })
})

describe('a health function', () => {
  test('is given the URL of the served path and the object, and says the whole URL', () => {
    const health = (...given: unknown[]) => {
      expect(given).toEqual(['http://a.example/shop', object])
      return new URL('https://status.example/shop')
    }
    expect(at('/shop', { health })).toBe('https://status.example/shop')
  })

  test('speaks for patterns and exact paths, too', () => {
    const health = () => 'http://a.example/ok'
    expect(of(placeOf('a.example', '/(a|b)', pattern), { health })).toBe('http://a.example/ok')
    expect(of(placeOf('a.example', '/login', exact), { health })).toBe('http://a.example/ok')
  })

  test('that says nothing leaves the place out', () => {
    expect(at('/', { health: () => undefined })).toBe('health names no URL for it')
  })

  test.each([
    ['ftp://a.example/', `health says 'ftp://a.example/', which is no http:// or https:// URL`],
    ['/health', `health says '/health', which is no http:// or https:// URL`],
    ['', `health says '', which is no http:// or https:// URL`],
    ['https://me:hunter2@a.example/', 'health says a URL with a user, which headers can say'],
  ])('that says %j is not followed', (said, fault) => expect(at('/', { health: () => said })).toBe(fault))
})

describe("an annotation's path", () => {
  test('takes the place of whatever else there is', () => {
    expect(at('/shop', { health: 'health' }, '/live?full=1')).toBe('http://a.example/live?full=1')
    expect(of(placeOf('a.example', '/(a|b)', pattern), {}, '/live')).toBe('http://a.example/live')
    expect(of(placeOf('a.example', '/login', exact), {}, '/live')).toBe('http://a.example/live')
  })

  test('is one of wherever a function of the config says, and of nothing where it says nothing', () => {
    const health = (url: string) => (url.includes('/shop') ? 'http://elsewhere.example:8080/up' : undefined)
    expect(at('/shop', { health }, '/live?full=1')).toBe('http://elsewhere.example:8080/live?full=1')
    expect(at('/other', { health }, '/live')).toBe('health names no URL for it')
  })
})
