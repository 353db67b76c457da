import { describe, expect, test } from 'vitest'
import type { Ingress } from '../src/objects.js'
import { readIngress } from '../src/read-ingress.js'
import { readRoute } from '../src/read-route.js'
import { asLine, ingressOf, placeOf, routeOf, serving } from './support/objects.js'

const WILDCARD = 'its host is a wildcard, which names nobody to ask'
const http = { paths: [{ path: '/', pathType: 'Prefix' }] }

describe('an Ingress', () => {
  const told = (object: Ingress) => readIngress(object).skipped.map(asLine)
  const schemeOf = (host: string, tls: NonNullable<Ingress['spec']>['tls']) =>
    readIngress(ingressOf({ rules: [{ host, http }], ...(tls && { tls }) })).places[0]?.scheme
  const servedAs = (path: string, pathType: string, annotations = {}) =>
    readIngress(serving('a.example', path, { annotations }, pathType)).places[0]?.served

  test('serves every path of every rule', () => {
    const paths = [
      { path: '/', pathType: 'Prefix' },
      { path: '/cart', pathType: 'Exact' },
    ]
    const rules = [
      { host: 'a.example', http: { paths } },
      { host: 'b.example', http },
    ]
    expect(readIngress(ingressOf({ rules }))).toEqual({
      places: [
        placeOf('a.example'),
        placeOf('a.example', '/cart', { served: 'exact' }),
        placeOf('b.example'),
      ],
      skipped: [],
    })
  })

  test('serves everything of a host when a path is not given', () => {
    const paths = [{ pathType: 'ImplementationSpecific' }, { path: '', pathType: 'ImplementationSpecific' }]
    const { places } = readIngress(ingressOf({ rules: [{ host: 'a.example', http: { paths } }] }))
    expect(places).toEqual([placeOf('a.example'), placeOf('a.example')])
  })

  test.each<[string, NonNullable<Ingress['spec']>['tls'], 'http' | 'https']>([
    ['a.example', undefined, 'http'],
    ['a.example', [], 'http'],
    ['a.example', [{ hosts: ['a.example'] }], 'https'],
    ['A.Example', [{ hosts: ['a.example'] }], 'https'],
    ['a.example', [{ hosts: ['b.example'] }], 'http'],
    ['a.example', [{ hosts: ['b.example'] }, { hosts: ['c.example', 'a.example'] }], 'https'],
    ['a.example', [{ hosts: ['*.example'] }], 'https'],
    ['a.b.example', [{ hosts: ['*.example'] }], 'http'],
    ['a.b.example', [{ hosts: ['*.b.example'] }], 'https'],
    ['example', [{ hosts: ['*.example'] }], 'http'],
    ['axexample', [{ hosts: ['*.example'] }], 'http'],
  ])('%s with tls %j is %s: a wildcard covers one label', (host, tls, scheme) => {
    expect(schemeOf(host, tls)).toBe(scheme)
  })

  test('is https where a tls entry names no hosts: the controller covers what it serves', () => {
    expect(schemeOf('a.example', [{}])).toBe('https')
    expect(schemeOf('a.example', [{ hosts: [] }])).toBe('https')
  })

  test.each([
    ['/shop', 'Exact', 'exact'],
    ['/shop', 'Prefix', 'prefix'],
    ['/shop', 'ImplementationSpecific', 'prefix'],
    ['/shop.html', 'ImplementationSpecific', 'prefix'],
    ['/shop(/|$)(.*)', 'ImplementationSpecific', 'pattern'],
    ['/*', 'ImplementationSpecific', 'pattern'],
    ['/a+b', 'Prefix', 'prefix'],
    ['/a+b', 'Exact', 'exact'],
  ])('serves %s of type %s as %s', (path, pathType, served) => {
    expect(servedAs(path, pathType)).toBe(served)
  })

  test('whose paths ingress-nginx takes as patterns has them, of whatever type', () => {
    const useRegex = (value: string) => ({ 'nginx.ingress.kubernetes.io/use-regex': value })
    const rewrite = { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' }
    expect(servedAs('/shop/[a-z]+', 'Prefix', useRegex('true'))).toBe('pattern')
    expect(servedAs('/shop/[a-z]+', 'Exact', useRegex('true'))).toBe('pattern')
    expect(servedAs('/shop/[a-z]+', 'Prefix', useRegex('false'))).toBe('prefix')
    expect(servedAs('/shop', 'Exact', useRegex('true'))).toBe('exact')
    expect(servedAs('/shop(/|$)(.*)', 'Prefix', rewrite)).toBe('pattern')
  })

  test('names what cannot be asked, with the reason', () => {
    const rules = [
      { http },
      { host: '', http },
      { host: '*.a.example', http },
      { host: 'no-http.example' },
      { host: 'no-paths.example', http: { paths: [] } },
      { host: 'xn--a', http },
    ]
    expect(told(ingressOf({ rules }))).toEqual([
      'shop/web rule 1: it names no host',
      'shop/web rule 2: it names no host',
      `shop/web *.a.example: ${WILDCARD}`,
      'shop/web no-http.example: it has no paths',
      'shop/web no-paths.example: it has no paths',
      'shop/web xn--a: its host is none',
    ])
  })

  test('that has only a default backend, that, or neither, is named', () => {
    const defaultBackend = { service: {} }
    const noHost = 'shop/web default backend: it names no host'
    expect(told(ingressOf({ defaultBackend }))).toEqual([noHost])
    expect(told(ingressOf({ defaultBackend, rules: [{ host: 'a.example', http }] }))).toEqual([noHost])
    expect(told(ingressOf({}))).toEqual(['shop/web: it has no rules'])
    expect(told(ingressOf({ rules: [] }))).toEqual(['shop/web: it has no rules'])
    expect(told(ingressOf(undefined))).toEqual(['shop/web: it has no rules'])
  })

  test.each([
    'user@evil.example',
    'evil.example:8080',
    'evil.example/path',
    'evil.example\\path',
    'evil.example?x',
    'evil.example#x',
    'evil%2eexample',
    'evil .example',
    'evil\n.example',
    '1.2.3.4.5',
  ])('with the host %j, which is more than a host or less, is not asked', (host) => {
    const { places, skipped } = readIngress(serving(host))
    expect(places).toEqual([])
    expect(skipped).toEqual([{ what: `shop/web ${host}`, reason: 'its host is none' }])
  })
})

describe('an HTTPRoute', () => {
  const matches = (...paths: [type: string | undefined, value: string][]) =>
    paths.map(([type, value]) => ({ path: { ...(type && { type }), value } }))

  test('serves every match of every rule at every hostname', () => {
    const rules = [{ matches: matches(['PathPrefix', '/'], ['Exact', '/cart']) }, {}]
    const { places, skipped } = readRoute(routeOf({ hostnames: ['a.example', 'b.example'], rules }))
    const https = { scheme: 'https' } as const
    const of = (host: string) => [
      placeOf(host, '/', https),
      placeOf(host, '/cart', { ...https, served: 'exact' }),
      placeOf(host, '/', https),
    ]
    expect(places).toEqual([...of('a.example'), ...of('b.example')])
    expect(skipped).toEqual([])
  })

  test('has patterns: what is neither exact nor a prefix', () => {
    const rules = [
      { matches: matches(['RegularExpression', '/a.*'], ['constructor', '/'], [undefined, '/p']) },
    ]
    const { places } = readRoute(routeOf({ hostnames: ['a.example'], rules }))
    expect(places.map(({ served }) => served)).toEqual(['pattern', 'pattern', 'prefix'])
  })

  test('is plain where it is bound to port 80 alone', () => {
    const schemeWith = (...ports: (number | undefined)[]) => {
      const parentRefs = ports.map((port) => (port === undefined ? {} : { port }))
      return readRoute(routeOf({ hostnames: ['a.example'], rules: [{}], parentRefs })).places[0]?.scheme
    }
    expect(schemeWith(80)).toBe('http')
    expect(schemeWith(80, 443)).toBe('https')
    expect(schemeWith(443)).toBe('https')
    expect(schemeWith(undefined)).toBe('https')
    expect(schemeWith()).toBe('https')
  })

  test('names what cannot be asked, with the reason', () => {
    const rules = [
      {
        matches: [
          { headers: [{}] },
          { queryParams: [{}] },
          { method: 'POST', path: { value: '/order' } },
          { method: 'GET' },
        ],
      },
    ]
    const told = (spec: Parameters<typeof routeOf>[0]) => readRoute(routeOf(spec)).skipped.map(asLine)
    expect(told({ hostnames: ['a.example'], rules })).toEqual([
      'shop/web a.example/: it is for requests with certain headers',
      'shop/web a.example/: it is for requests with certain query parameters',
      'shop/web a.example/order: it is for requests with the method POST',
    ])
    expect(told({ hostnames: ['*.example'], rules })).toEqual([`shop/web *.example: ${WILDCARD}`])
    expect(told({ hostnames: ['a.example'] })).toEqual(['shop/web a.example: it has no rules'])
    expect(told({ rules })).toEqual(['shop/web: it names no host'])
  })
})
