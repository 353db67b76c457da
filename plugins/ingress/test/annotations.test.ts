import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAnnotations } from '../src/annotations.js'
import { urlOf } from '../src/url.js'
import { ingressOf, placeOf } from './support/objects.js'

const annotated = (annotations: Record<string, string>) => readAnnotations(ingressOf({}, { annotations }))
const said = (key: string, text: string) => annotated({ [`uptime.dev/${key}`]: text })

describe('an annotation is obeyed', () => {
  test.each([
    ['skip', 'true', { skip: true }],
    ['skip', 'false', { skip: false }],
    ['path', '/', { path: '/' }],
    ['path', '/live?full=1', { path: '/live?full=1' }],
    ['path', '/a//b/../c', { path: '/a//b/../c' }],
    ['expect-status', '204', { status: [204] }],
    ['expect-status', '2xx', { status: ['2xx'] }],
    ['expect-status', '200-299, 401', { status: ['200-299', 401] }],
    ['every', '5s', { every: '5s' }],
    ['every', '1d', { every: '1d' }],
    ['every', '1.5m', { every: '1.5m' }],
    ['category', ' shop ', { category: 'shop' }],
    ['category', 'Läden 🛒', { category: 'Läden 🛒' }],
  ])('%s: %j', (key, text, part) => expect(said(key, text)).toEqual({ ...part, faults: [] }))

  test('beside others, and those of others are not looked at', () => {
    const others = { 'uptime.development/skip': 'true', 'example.com/uptime.dev/skip': 'x', skip: 'true' }
    expect(annotated({ ...others, 'uptime.dev/every': '30s', 'uptime.dev/path': '/' })).toEqual({
      every: '30s',
      path: '/',
      faults: [],
    })
    expect(readAnnotations(ingressOf({}))).toEqual({ faults: [] })
  })
})

describe('an annotation is reported, and nothing of it is obeyed', () => {
  test.each([
    ...['', 'yes', 'TRUE', ' true', '1'].map((text) => ['skip', text, `'true' or 'false'`]),
    ...['', 'live', 'http://evil.example/', '//evil.example', '/\\evil.example', '\\/evil.example'].map(
      (text) => ['path', text, `a path such as '/healthz'`],
    ),
    ...['/\t/evil.example', '/\n/evil.example', '/a b', '/a#b', `/${'a'.repeat(1_001)}`].map((text) => [
      'path',
      text,
      `a path such as '/healthz'`,
    ]),
    ...['', '200,', '600', '99', '2XX', '200-', '299-200', 'ok', '200,no', '2e2'].map((text) => [
      'expect-status',
      text,
      `status codes such as '200', '2xx' or '200,204'`,
    ]),
    ...['', '4.9s', '100ms', '0s', '30', '30000', '25h', '2y', '-5s', 'often', ' 30s'].map((text) => [
      'every',
      text,
      `a duration such as '30s', from 5s to 1d`,
    ]),
    ...['', ' ', 'a|b', 'a\nb', '\u001b[31mred', 'a\u202eb', 'x'.repeat(201), '🛒'.repeat(101)].map(
      (text) => ['category', text, 'a text of up to 200 characters, without | and control characters'],
    ),
  ])('%s: %j', (key, text, expected) => {
    expect(said(key!, text!)).toEqual({
      faults: [`uptime.dev/${key}: found '${text!.slice(0, 80)}', expected ${expected}; it is not obeyed`],
    })
  })

  test.each(['paths', 'Skip', '', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'of a name that is none: %j',
    (key) => {
      expect(said(key, 'true')).toEqual({
        faults: [`uptime.dev/${key} is none of skip, path, expect-status, every, category`],
      })
    },
  )

  test('while the others are obeyed', () => {
    const { faults, ...rest } = annotated({ 'uptime.dev/every': '1s', 'uptime.dev/path': '/live' })
    expect(rest).toEqual({ path: '/live' })
    expect(faults).toHaveLength(1)
  })
})

test('no path that is obeyed leaves the host, its port or its scheme', () => {
  const odd = fc.constantFrom(
    '/',
    '\\',
    '@',
    ':',
    '?',
    '#',
    '.',
    '%2f',
    '%',
    '\t',
    '\n',
    '\0',
    ' ',
    'é',
    'evil',
  )
  const path = fc.array(fc.oneof(odd, fc.string({ unit: 'binary' })), { maxLength: 12 })
  let obeyed = 0
  fc.assert(
    fc.property(path, (parts) => {
      const { path } = said('path', `/${parts.join('')}`)
      if (path === undefined) return
      obeyed++
      const found = urlOf(placeOf('a.example'), ingressOf({}), path, {}) as { url: string }
      const { origin, username, hash } = new URL(found.url)
      expect({ origin, username, hash }).toEqual({ origin: 'http://a.example', username: '', hash: '' })
    }),
    { numRuns: 5_000 },
  )
  expect(obeyed).toBeGreaterThan(500)
})
