import { secret } from '@uptimeserver/core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { IngressOptions } from '../src/options.js'
import { ingressOf, outcomeOf, planOf, serving } from './support/objects.js'

const A = 'http://a.example/health'
const B = 'http://b.example/health'
const http = { paths: [{ path: '/', pathType: 'Prefix' }] }
/** One that serves two hosts: something is wrong with the first of them. */
const two = ingressOf({ rules: ['a.example', 'b.example'].map((host) => ({ host, http })) })

describe('left out, with the reason, is', () => {
  test('what the config excludes, by URL or by object', () => {
    expect(outcomeOf(two, { exclude: (url) => url.includes('//a.') })).toEqual({
      urls: [B],
      told: [`shop/web ${A}: excluded by the config`],
    })
    const exclude: IngressOptions['exclude'] = (_, { metadata }) => metadata.namespace === 'shop'
    expect(outcomeOf(two, { exclude }).urls).toEqual([])
  })

  test('the whole object whose owner does not want it checked', () => {
    const annotations = { 'uptime.dev/skip': 'true', 'uptime.dev/every': '1s' }
    const { urls, told } = outcomeOf(serving('a.example', '/', { annotations }))
    expect(urls).toEqual([])
    expect(told).toEqual([
      expect.stringMatching(/^shop\/web: uptime\.dev\/every: found '1s'/),
      'shop/web: its annotation says so',
    ])
  })

  test('what an annotation says without sense, and what of it can be checked is', () => {
    const annotations = {
      'uptime.dev/skip': 'yes',
      'uptime.dev/constructor': 'x',
      'uptime.dev/path': '/live',
    }
    const { urls, told } = outcomeOf(serving('a.example', '/', { annotations }))
    expect(urls).toEqual(['http://a.example/live'])
    expect(told).toEqual([
      `shop/web: uptime.dev/skip: found 'yes', expected 'true' or 'false'; it is not obeyed`,
      'shop/web: uptime.dev/constructor is none of skip, path, expect-status, every, category',
    ])
  })

  test('an address that is the machine itself, and a host that is not allowed', () => {
    expect(outcomeOf(serving('2130706433')).told).toEqual([
      expect.stringMatching(/^shop\/web http:\/\/127\.0\.0\.1\/health: 127\.0\.0\.1 \(loopback\)/),
    ])
    const health = () => 'http://169.254.169.254/'
    expect(outcomeOf(two, { health }).told[0]).toMatch(
      /^shop\/web http:\/\/169\.254\.169\.254\/: .*link-local/,
    )
    expect(outcomeOf(two, { allow: ['*.a.example', 'b.example'] })).toEqual({
      urls: [B],
      told: [`shop/web ${A}: a.example is not in allow`],
    })
  })
})

test('headers and options are asked for nothing that is left out', () => {
  const headers = vi.fn(() => ({ apikey: secret('hunter2') }))
  const options = vi.fn(() => ({}))
  const askedFor = (object: Parameters<typeof planOf>[0], more: IngressOptions = {}) => {
    headers.mockClear()
    options.mockClear()
    const plans = planOf(object, { headers, options, ...more }).plans.length
    return { plans, headers: headers.mock.calls.length, options: options.mock.calls.length }
  }
  const [nothing, one] = [0, 1].map((n) => ({ plans: n, headers: n, options: n }))
  const object = serving('a.example')
  expect(askedFor(object)).toEqual(one)
  expect(askedFor(object, { exclude: () => true })).toEqual(nothing)
  expect(askedFor(object, { allow: ['b.example'] })).toEqual(nothing)
  expect(askedFor(object, { health: () => 'http://169.254.169.254/' })).toEqual(nothing)
  expect(askedFor(object, { health: () => undefined })).toEqual(nothing)
  expect(askedFor(serving('0x7f.1'))).toEqual(nothing)
  expect(askedFor(serving('*.example'))).toEqual(nothing)
  expect(askedFor(serving('a.example', '/(a|b)', {}, 'ImplementationSpecific'))).toEqual(nothing)
  expect(askedFor(serving('a.example', '/', { annotations: { 'uptime.dev/skip': 'true' } }))).toEqual(nothing)
})

describe("a mistake of the config's function harms that URL alone:", () => {
  const unheard = vi.fn()
  beforeAll(() => void process.on('unhandledRejection', unheard))
  afterAll(() => void process.off('unhandledRejection', unheard))

  const good: Record<string, unknown> = { exclude: false, health: B }
  const mistaken = (name: string, mistake: () => unknown) =>
    outcomeOf(two, { [name]: (url: string) => (url.includes('//a.') ? mistake() : good[name]) })
  const told = (reason: string) => ({ urls: [B], told: [`shop/web a.example/: ${reason}`] })

  const EXPECTED = {
    exclude: 'true or false',
    category: 'a text or undefined',
    serviceName: 'a text',
    headers: 'a plain object or undefined',
    options: 'a plain object or undefined',
    health: 'a URL or undefined',
  }
  describe.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    test('throws', () => {
      const fail = () => {
        throw new Error('no idea')
      }
      expect(mistaken(name, fail)).toEqual(told(`the config's ${name}() failed: no idea`))
    })

    test('gives a promise, also one that is rejected later', async () => {
      const wrong = `the config's ${name}() gave Promise, expected ${expected}`
      expect(mistaken(name, async () => undefined)).toEqual(told(wrong))
      expect(mistaken(name, () => Promise.reject(new Error('too late')))).toEqual(told(wrong))
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(unheard).not.toHaveBeenCalled()
    })

    test.each<[string, unknown]>([
      ['Null', null],
      ['Number', 7],
      ['Symbol', Symbol('x')],
      ['Array', ['apikey']],
      ['Map', new Map([['apikey', 'x']])],
      ['Headers', new Headers({ apikey: 'x' })],
      ['Function', () => ({})],
    ])('gives %s', (found, value) => {
      expect(mistaken(name, () => value)).toEqual(
        told(`the config's ${name}() gave ${found}, expected ${expected}`),
      )
    })
  })

  test.each<[string, RegExp, unknown]>([
    ['options', /^evrey: found an unknown option, expected one of /, { evrey: '5s' }],
    ['options', /^every: found "1ms", expected a duration .*, from 100ms/, { every: '1ms' }],
    ['options', /^expect\[0\]: found an unknown option/, { expect: 'ok' }],
    ['options', /^labels\.team: found 7 \(number\), expected a text/, { labels: { team: 7 } }],
    ['headers', /^headers: .*expected header names/, { 'api key': 'x' }],
    ['headers', /^headers\.apikey: found a number \(hidden\), expected/, { apikey: 7 }],
    ['headers', /^headers\.apikey: found a string \(hidden\), expected a value/, { apikey: 'hunter2\n' }],
    ['headers', /^headers\.apikey: found a secret that cannot be had/, { apikey: secret.env('NO_SUCH') }],
    ['serviceName', /^name: found "", expected a text of 1 to 500/, ''],
    ['serviceName', /^name: found "x+…, expected a text of 1 to 500/, 'x'.repeat(501)],
    ['category', /^category: found "", expected a text of 1 to 200/, ''],
    ['health', /^identity: found "http:.*…, expected a text of 1 to 2000/, `${A}/${'x'.repeat(2_000)}`],
  ])('%s gives what makes no check: %s', (name, reason, value) => {
    const { urls, told } = mistaken(name, () => value)
    expect(urls).toEqual([B])
    expect(told).toHaveLength(1)
    expect(told[0]!.replace('shop/web a.example/: ', '')).toMatch(reason)
    expect(told[0]).not.toContain('hunter2')
  })
})
