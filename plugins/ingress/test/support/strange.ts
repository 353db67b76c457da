import fc from 'fast-check'
import type { Ingress, IngressRule } from '../../src/objects.js'

type Spec = NonNullable<Ingress['spec']>

/** What a generated object is made of; it has no name yet. */
export interface Strange {
  readonly spec: Spec
  readonly annotations: Record<string, string>
  /** How many of the annotations make no sense. */
  readonly faults: number
  readonly age: number
}

const common = fc.oneof(
  fc.constantFrom('a.example', 'b.example', 'shop.example', 'x.shop.example', 'c.d.e.example'),
  { weight: 2, arbitrary: fc.nat(999).map((number) => `${number}.example`) },
)
const odd = fc.constantFrom(
  '2130706433',
  '0x7f.1',
  '1.2.3.4.5',
  'localhost',
  'xn--a',
  'xn--bcher-kva.example',
)
const wildcard = fc.constantFrom('*.example', '*.shop.example', '*.com')
/** The API server takes none of these. */
const wrong = fc.oneof(
  fc.constantFrom(
    'Upper.Example',
    'bücher.example',
    'a_b.example',
    'a b',
    'me@a.example',
    'a.example:8080',
    '*',
  ),
  fc.string(),
)
const host = fc.oneof(
  { weight: 40, arbitrary: common },
  { weight: 6, arbitrary: odd },
  { weight: 6, arbitrary: wildcard },
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: wrong },
)

const plain = fc.constantFrom(
  '/',
  '/shop',
  '/shop/',
  '/a/b.html',
  '/health',
  '/healthz',
  '/grün/東京',
  '/a b',
  '/100%',
)
const escaped = fc.constantFrom(
  '/a?b#c',
  '/%41',
  '/%zz',
  '/@b.example',
  '/a;b',
  '/a\tb',
  '/a\u202eb',
  '/"<>`{}|^',
)
const pattern = fc.constantFrom('/shop(/|$)(.*)', '/[a-z]+', '/*', '/.*', '/a\\d', '/(?i)x')
const outside = fc.constantFrom(
  '',
  '/..',
  '/../../x',
  '//b.example',
  '/\\b.example',
  '/%2e%2e/x',
  '/a//b/./c',
)
const anything = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `/${text}`)
const ofType = (pathType: string, path: fc.Arbitrary<string | undefined>) =>
  path.map((text) => ({ ...(text !== undefined && { path: text }), pathType }))
const path = fc.oneof(
  { weight: 20, arbitrary: ofType('Prefix', fc.oneof(plain, escaped)) },
  { weight: 10, arbitrary: ofType('Exact', fc.oneof(plain, escaped, anything)) },
  {
    weight: 20,
    arbitrary: ofType(
      'ImplementationSpecific',
      fc.oneof(plain, escaped, pattern, outside, anything, fc.constant(undefined)),
    ),
  },
  {
    weight: 1,
    arbitrary: ofType('Prefix', fc.oneof(pattern, outside, fc.constant(`/${'x'.repeat(2_500)}`))),
  },
  { weight: 1, arbitrary: ofType('Other', plain) },
)

const paths = fc.oneof(
  { weight: 40, arbitrary: fc.array(path, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.constant([]) },
)
const rule: fc.Arbitrary<IngressRule> = fc
  .tuple(host, fc.option(paths, { freq: 12, nil: undefined }))
  .map(([name, list]) => ({
    ...(name !== undefined && { host: name }),
    ...(list && { http: { paths: list } }),
  }))

const tlsHosts = fc.array(fc.oneof({ weight: 9, arbitrary: fc.oneof(common, wildcard) }, fc.constant('*')), {
  maxLength: 3,
})
const tls = fc.array(
  fc.oneof(
    tlsHosts.map((hosts) => ({ hosts })),
    fc.constant({}),
  ),
  { maxLength: 2 },
)

const spec: fc.Arbitrary<Spec> = fc
  .record(
    {
      ingressClassName: fc.constantFrom('nginx', 'traefik'),
      tls,
      rules: fc.array(rule, { maxLength: 4 }),
      defaultBackend: fc.constant({ service: { name: 'web', port: { number: 80 } } }),
    },
    { requiredKeys: [] },
  )
  .map((made) => (made.rules?.length ? made : { ...made, defaultBackend: made.defaultBackend ?? {} }))

const GOOD_PATHS = ['/live', '/live?full=1', '/', '/grün', '/..', '/%']
/** Whether each says something that makes sense. */
const SAID: readonly (readonly [key: string, text: string, makesSense: boolean])[] = [
  ...GOOD_PATHS.map((text) => ['path', text, true] as const),
  ...['live', '//b.example', '/\\b.example', '/\t/b.example', ''].map(
    (text) => ['path', text, false] as const,
  ),
  ['skip', 'false', true],
  ['skip', 'yes', false],
  ['skip', 'true', true],
  ['expect-status', '204', true],
  ['expect-status', '2xx,300-399', true],
  ['expect-status', '299-200', false],
  ['every', '90s', true],
  ['every', '1ms', false],
  ['category', 'shop', true],
  ['category', '\u001b[31m', false],
  ['category', '🛒'.repeat(150), false],
  ...['constructor', 'toString', 'nothing'].map((key) => [key, 'true', false] as const),
]
const others = fc.dictionary(
  fc.constantFrom(
    'nginx.ingress.kubernetes.io/use-regex',
    'nginx.ingress.kubernetes.io/rewrite-target',
    'other',
  ),
  fc.constantFrom('true', 'false', '/$1'),
)
const said = fc.uniqueArray(fc.constantFrom(...SAID), { selector: ([key]) => key, maxLength: 3 })

/** Of the shape that the API has, but as hardly anybody would write it. Most of them an API server accepts. */
export const strange: fc.Arbitrary<Strange> = fc
  .tuple(spec, said, others, fc.integer({ min: 0, max: 3 }))
  .map(([made, list, rest, age]) => ({
    spec: made,
    annotations: { ...rest, ...Object.fromEntries(list.map(([key, text]) => [`uptime.dev/${key}`, text])) },
    faults: list.filter(([, , makesSense]) => !makesSense).length,
    age,
  }))

/** The path that an object's owner says and that must be obeyed. */
export function saidPath({ metadata }: Ingress): string | undefined {
  return GOOD_PATHS.find((path) => path === metadata.annotations?.['uptime.dev/path'])
}

/** As the API server would hand it over. */
export function objectFrom({ spec: made, annotations, age }: Strange, number: number): Ingress {
  const name = `web-${number}`
  return {
    metadata: {
      ...{ name, namespace: 'shop', uid: name, resourceVersion: '1', generation: 1, annotations },
      creationTimestamp: `2026-01-01T00:00:0${age}Z`,
    },
    spec: made,
  }
}
