import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTimingResolver } from '@uptimeserver/core'
import { quietContext } from '@uptimeserver/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IngressOptions } from '../src/options.js'
import { ingressOf, outcomeOf, planOf, routeOf, serving } from './support/objects.js'

const HEALTH = 'http://a.example/health'
function serviceOf(
  options: IngressOptions = {},
  annotations: Record<string, string> = {},
  host = 'a.example',
) {
  const [plan] = planOf(serving(host, '/', { annotations }), options).plans
  return plan!.create()
}

describe('a service', () => {
  test('is an http check that is known by its URL and called by it', () => {
    const { kind, identity, name, category, problems } = serviceOf()
    expect({ kind, identity, name, category }).toEqual({ kind: 'http', identity: HEALTH, name: HEALTH })
    expect(problems).toBeUndefined()
  })

  test('is called what serviceName says of its URL and object', () => {
    const serviceName: IngressOptions['serviceName'] = (url, { metadata }) => `${metadata.name} at ${url}`
    expect(serviceOf({ serviceName }).name).toBe(`web at ${HEALTH}`)
    expect(serviceOf({ serviceName }).identity).toBe(HEALTH)
    expect(serviceOf({ options: () => ({ name: 'x', identity: 'x' }) as object }).identity).toBe(HEALTH)
  })

  test('has the category of the annotation, else of the config, else of its options', () => {
    const options = () => ({ category: 'by options' })
    const category = (url: string) => (url.includes('b.example') ? undefined : 'by function')
    const annotations = { 'uptime.dev/category': 'by owner' }
    expect(serviceOf({ options }).category).toBe('by options')
    expect(serviceOf({ options, category: 'by config' }).category).toBe('by config')
    expect(serviceOf({ options, category }).category).toBe('by function')
    expect(serviceOf({ options, category }, {}, 'b.example').category).toBe('by options')
    expect(serviceOf({ options, category }, annotations).category).toBe('by owner')
  })

  test('has labels of where it comes from, which nothing overwrites', () => {
    const options = () => ({ labels: { team: 'shops', host: 'elsewhere' } })
    const spec = { ingressClassName: 'nginx', rules: serving('a.example').spec!.rules! }
    expect(planOf(ingressOf(spec), { options }).plans[0]!.create().labels).toEqual({
      ...{ namespace: 'shop', ingress: 'web', ingressClass: 'nginx', host: 'a.example', team: 'shops' },
    })
    const route = routeOf({ hostnames: ['a.example'], rules: [{}] })
    expect(planOf(route).plans[0]!.create().labels).toEqual({
      ...{ namespace: 'shop', route: 'web', host: 'a.example' },
    })
  })

  test('with a URL that is longer than a name may be has the beginning of it', () => {
    const [plan] = planOf(serving('a.example', `/${'x'.repeat(1_000)}`)).plans
    expect(plan!.create().name).toBe(plan!.url.slice(0, 500))
    expect(plan!.create().problems).toBeUndefined()
  })
})

test('an HTTPRoute takes the same options and annotations as an Ingress', () => {
  const routeWith = (annotations: Record<string, string>) =>
    routeOf({ hostnames: ['a.example', 'b.example'], rules: [{}] }, { annotations })
  const options: IngressOptions = {
    health: '/healthz',
    scheme: 'http',
    exclude: (url) => url.includes('//b.'),
  }
  expect(outcomeOf(routeWith({}), options)).toEqual({
    urls: ['http://a.example/healthz'],
    told: ['shop/web http://b.example/healthz: excluded by the config'],
  })
  expect(outcomeOf(routeWith({ 'uptime.dev/path': '/live' }), options).urls).toEqual([
    'http://a.example/live',
  ])
  expect(outcomeOf(routeWith({ 'uptime.dev/skip': 'true' }), options)).toEqual({
    urls: [],
    told: ['shop/web: its annotation says so'],
  })
})

describe('its timing', () => {
  const timingIn = (config: object, options: IngressOptions = {}, annotations = {}) =>
    createTimingResolver(config)(serviceOf(options, annotations))
  const every = { 'uptime.dev/every': '90s' }

  test('is suggested: two seconds, three attempts', () => {
    expect(timingIn({})).toEqual({ every: 60_000, retryEvery: 5_000, timeout: 2_000, attempts: 3 })
  })

  test("is the config's own where it says any", () => {
    const config = { every: '20s', timeout: '7s', attempts: 5 }
    expect(timingIn(config)).toMatchObject({ every: 20_000, timeout: 7_000, attempts: 5 })
  })

  test('is what options() suggests where the config says none', () => {
    const options = () => ({ defaults: { timeout: '4s', every: '40s' } as const })
    expect(timingIn({}, { options })).toMatchObject({ every: 40_000, timeout: 4_000, attempts: 3 })
    expect(timingIn({ timeout: '7s' }, { options })).toMatchObject({ every: 40_000, timeout: 7_000 })
  })

  test("is what options() says over the config's, and what the owner says over that", () => {
    const options = () => ({ timeout: '3s', every: '30s' }) as const
    const config = { every: '20s', timeout: '7s', attempts: 5 }
    expect(timingIn(config, { options })).toMatchObject({ every: 30_000, timeout: 3_000, attempts: 5 })
    expect(timingIn(config, { options }, every)).toMatchObject({ every: 90_000, timeout: 3_000 })
    expect(timingIn(config, {}, every)).toMatchObject({ every: 90_000, timeout: 7_000 })
  })
})

describe('what is expected', () => {
  let status = 200
  const server = createServer((_, response) => response.writeHead(status).end())
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => void server.close())
  const expected = { 'uptime.dev/expect-status': '204, 5xx' }

  async function isUp(answer: number, options: IngressOptions = {}, annotations = {}) {
    status = answer
    const health = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const check = serviceOf({ health, allow: ['127.0.0.0/8'], ...options }, annotations)
    return check.check(quietContext()).then(
      () => true,
      () => false,
    )
  }

  test('is 200, unless the config says otherwise, and the owner has the last word', async () => {
    const options = () => ({ expect: { status: '2xx' } }) as const
    expect([await isUp(200), await isUp(201), await isUp(500)]).toEqual([true, false, false])
    expect([await isUp(201, { options }), await isUp(500, { options })]).toEqual([true, false])
    expect([await isUp(201, { options }, expected), await isUp(500, { options }, expected)]).toEqual([
      false,
      true,
    ])
  })
})
