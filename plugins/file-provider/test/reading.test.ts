import { secret } from '@uptimeserver/core'
import { describe, expect, test } from 'vitest'
import { type Outcome, readPage } from '../src/page.js'
import type { Format } from '../src/parse/job.js'
import { echo } from './support/echo.js'

const never = new AbortController().signal
const options = { types: { echo }, secrets: { key: secret('k1') } }
const read = (format: Format, text: string) => readPage({ format, text }, options, undefined, never)
/** `line:column reason` of each fault. */
const told = ({ faults }: Outcome) =>
  faults?.map(({ place, reason }) => `${place ? `${place.line}:${place.column}` : '-'} ${reason}`)
const where = ({ page }: Outcome) =>
  page?.entries.map(({ service, place }) => `${place!.line}:${place!.column} ${service.name}`)

describe('the same services in every format, each with its place', () => {
  test.each<[string, Format, string, string[]]>([
    ['a list', 'yaml', '- type: echo\n  name: a\n\n-   type: echo\n    name: b\n', ['1:3 a', '4:5 b']],
    [
      'an object',
      'yaml',
      '# two\nservices:\n  - { type: echo, name: a }\n  - { type: echo, name: b }\n',
      ['3:5 a', '4:5 b'],
    ],
    [
      'a list',
      'json',
      '[\n  { "type": "echo", "name": "a" }, { "type": "echo", "name": "b" }\n]',
      ['2:3 a', '2:36 b'],
    ],
    [
      'an object',
      'json',
      '{ "defaults": { "labels": { "services": "[" } },\n\t"services": [\n{"type":"echo","name":"a"},\n {"name":"b","type":"echo"} ] }',
      ['3:1 a', '4:2 b'],
    ],
    [
      'tables',
      'toml',
      '[[services]]\ntype = "echo"\nname = "a"\n\n  [[ services ]]\ntype = "echo"\nname = "b"\n',
      ['1:1 a', '5:3 b'],
    ],
    [
      'inline',
      'toml',
      '\nservices = [{ type = "echo", name = "a" }, { type = "echo", name = "b" }]',
      ['2:1 a', '2:1 b'],
    ],
  ])('%s in %s', async (_, format, text, places) => {
    const outcome = await read(format, text)
    expect(told(outcome)).toBeUndefined()
    expect(where(outcome)).toEqual(places)
  })

  test('a byte order mark, comments in JSON and an empty list are no faults', async () => {
    expect(where(await read('json', '[\n# two\n{ "type": "echo", "name": "a" },\n]'))).toEqual(['3:1 a'])
    expect(where(await read('yaml', 'services: []'))).toEqual([])
    expect(where(await read('toml', 'services = []'))).toEqual([])
  })
})

describe('what is wrong is told with its line and column', () => {
  test.each<[string, Format, string, RegExp[]]>([
    ['YAML that is none', 'yaml', '- type: echo\n  name: "a\n', [/^3:1 Missing closing "quote/]],
    ['JSON that is none', 'json', '[\n  { "type": "echo", "name": "a" }\n', [/^3:1 .*flow .*(end|\])/i]],
    ['TOML that is none', 'toml', '[[services]]\ntype = echo\n', [/^2:8 invalid value$/]],
    [
      'a key that comes twice',
      'yaml',
      '- type: echo\n  name: a\n  name: b\n',
      [/^3:3 Map keys must be unique$/],
    ],
    [
      'a tag that nobody knows',
      'yaml',
      '- type: echo\n  name: !secret a\n',
      [/^2:9 Unresolved tag: !secret$/],
    ],
    ['several documents', 'yaml', '[]\n---\n[]\n', [/^2:1 it holds several documents, expected one$/]],
    ['nothing', 'yaml', '# soon\n', [/^1:1 found nothing, expected a list of entries, or an object/]],
    ['a text', 'json', '"shop"', [/^1:1 found a string, expected a list of entries, or an object/]],
    ['no services', 'yaml', 'defaults: {}\n', [/^1:1 services: found nothing, expected a list of entries/]],
    [
      'an unknown key',
      'yaml',
      'services: []\nservice: []\n',
      [
        /^2:1 service: found an unknown option, expected one of \$schema, include, .+; did you mean services\?$/,
      ],
    ],
    [
      'services that are no list',
      'toml',
      'include = "a"\nservices = "b"\n',
      [/^2:1 services: found "b", expected a list of entries$/],
    ],
    [
      'an include that is none',
      'yaml',
      'include:\n  - a.yaml\n  - 7\n',
      [/^3:5 include\[1\]: found 7 \(number\), expected a path or a glob$/],
    ],
    [
      'all that is wrong at once',
      'yaml',
      '- type: echo\n  name: a\n  evry: 5s\n- type: ech\n- shop\n- type: echo\n  name: b\n  expect:\n    status: ok\n',
      [
        /^3:3 \[0\]\.evry: found an unknown option, expected .+; did you mean every\?$/,
        /^4:3 \[1\]\.type: found "ech", expected one of echo; did you mean echo\?$/,
        /^5:3 \[2\]: found "shop", expected an object such as/,
        /^9:5 \[3\]\.expect\.status: found "ok", expected number$/,
      ],
    ],
    [
      'an option in JSON, whose key has dots and brackets of its own',
      'json',
      '[{ "type": "echo", "name": "a", "expect": { "json": {\n  "$.a": 1,\n  "$.a[0].b": "x" } } }]',
      [/^3:3 \[0\]\.expect\.json\.\$\.a\[0\]\.b: found "x", expected number$/],
    ],
    [
      'an option in a table, and in one below it',
      'toml',
      '[[services]]\ntype = "echo"\nname = "a"\n\n[[services]]\n# every = 1\ntype = "echo"\nname = "b"\n  every = "soon"\n[services.expect]\nstatus = "ok"\n',
      [/^9:3 services\[1\]\.every: found "soon"/, /^10:1 services\[1\]\.expect\.status: found "ok"/],
    ],
    [
      'a header that stands in a text',
      'toml',
      '[[services]]\ntype = "echo"\nname = """\n[[services]]\n"""\nevery = "soon"\n',
      [/^1:1 services\[0\]\.every: found "soon"/],
    ],
    [
      'what an entry has from the defaults',
      'yaml',
      'defaults:\n  type: echo\n  every: soon\nservices:\n  - name: a\n',
      [/^3:3 services\[0\]\.every: found "soon"/],
    ],
    [
      'what is missing, at the entry',
      'yaml',
      '- type: echo\n- type: echo\n  name: a\n',
      [/^1:3 \[0\]\.name: found nothing/],
    ],
    [
      'a secret that the config does not lend',
      'yaml',
      '- type: echo\n  name: a\n  key: { secret: kay }\n',
      [/^3:3 \[0\]\.key: found the secret "kay", expected one of key$/],
    ],
    [
      'an alias, at the option that has it',
      'yaml',
      'services:\n  - &a { type: echo, name: a, every: soon }\n  - *a\n',
      [/^2:31 services\[0\]\.every/, /^2:31 services\[1\]\.every/],
    ],
  ])('%s', async (_, format, text, faults) => {
    expect(told(await read(format, text))).toEqual(faults.map((fault) => expect.stringMatching(fault)))
  })

  test('of many faults the first twenty, and how many more there are', async () => {
    const faults = told(await read('yaml', '- type: ech\n'.repeat(23)))!
    expect(faults).toHaveLength(21)
    expect(faults.at(-1)).toBe('- 3 more problems')
  })

  test('no fault says what stands in the file', async () => {
    const texts = [
      'key: "hunter2" "hunter2"',
      '- type: echo\n  key: a "hunter2\n b',
      '- "hunter2" x',
      '[ {"a": "hunter2" "hunter2"} ]',
    ]
    for (const text of texts) {
      const faults = told(await read('yaml', text))!
      expect(faults).not.toEqual([])
      expect(faults.join()).not.toContain('hunter2')
    }
    expect(told(await read('toml', 'key = "hunter2" "hunter2"'))!.join()).not.toContain('hunter2')
  })
})

test('defaults stand for what an entry does not say, and a secret for what the config lends', async () => {
  const text =
    'defaults: { type: echo, every: 30s, labels: { team: a } }\nservices:\n  - { name: a, key: { secret: key } }\n  - { name: b, every: 5s, labels: { floor: "2" } }\n'
  const { page } = await read('yaml', text)
  const [a, b] = page!.entries.map(({ service }) => service)
  expect(a).toMatchObject({ timing: { every: '30s' }, labels: { team: 'a' } })
  expect(b).toMatchObject({ timing: { every: '5s' }, labels: { floor: '2' } })
  expect(await a!.check({} as never)).toMatchObject({ key: 'k1' })
})

test('an entry that has not changed keeps its service, wherever it stands now', async () => {
  const first = await read('yaml', '- { type: echo, name: a }\n- { type: echo, name: b }\n')
  const text = '- { type: echo, name: b }\n- { type: echo, name: a, every: 5s }\n'
  const second = await readPage({ format: 'yaml', text }, options, first.page, never)
  expect(second.page!.entries[0]!.service).toBe(first.page!.entries[1]!.service)
  expect(second.page!.entries[1]!.service).not.toBe(first.page!.entries[0]!.service)
  expect(where(second)).toEqual(['1:3 b', '2:3 a'])
})

describe('what would be too much is refused', () => {
  test('aliases of aliases', async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `- &l${n + 1} [${`*l${n}, `.repeat(10)}]\n`)
    const bomb = `- &l0 [lol]\n${levels.join('')}`
    const began = performance.now()
    expect(told(await read('yaml', bomb))).toEqual([expect.stringContaining('longer than 32 MiB')])
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  test('an alias of what it stands in', async () => {
    expect(told(await read('yaml', '- &a { type: echo, name: a, labels: *a }'))).toHaveLength(1)
  })

  test('defaults that thousands repeat', async () => {
    const text = JSON.stringify({
      defaults: { type: 'echo', url: 'x'.repeat(20_000) },
      services: Array(2_000).fill({}),
    })
    expect(told(await read('json', text))).toEqual([expect.stringContaining('longer than 32 MiB')])
  })

  test('what is nested without end', async () => {
    const deep = '['.repeat(30_000)
    expect(told(await read('yaml', deep))).toHaveLength(1)
    expect(told(await read('toml', `a = ${deep.slice(0, 5_000)}`))).toHaveLength(1)
  })

  test('merge keys, for those of those take for ever', async () => {
    const text = 'services:\n  - &a { type: echo, name: a }\n  - { <<: *a, name: b }\n'
    expect(told(await read('yaml', text))).toEqual([
      expect.stringMatching(/^3:5 services\[1\]\.type: found nothing/),
    ])
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'a key that would be more than a key: %s',
    async (key) => {
      for (const [format, text] of [
        ['yaml', `- { type: echo, name: a, ${key}: { every: 1 } }`],
        ['json', `[{ "type": "echo", "name": "a", "${key}": { "every": 1 } }]`],
        ['toml', `[[services]]\ntype = "echo"\nname = "a"\n${key} = { every = 1 }`],
      ] as const)
        expect(told(await read(format, text))).toEqual([
          expect.stringContaining(`${key}: found an unknown option`),
        ])
      expect({}).not.toHaveProperty('every')
    },
  )
})
