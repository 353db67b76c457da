import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { describe, expect, test } from 'vitest'
import { documents, root } from '../../../test/docs/documents.js'
import { Project } from '../../../test/support/uptime.js'

const README = documents.get('plugins/file-provider/README.md')!
const require = createRequire(join(root, 'plugins/file-provider/package.json'))
const { parse } = require('yaml') as { parse(text: string): unknown }
const toml = require('smol-toml') as { parse(text: string): unknown }

const configOf = (providers: string) => `
  import { definePlugin, http } from 'uptimeserver'
  import { fileProvider } from '@uptimeserver/file-provider'
  import { mongo } from '@uptimeserver/mongo'
  ${ODD}
  export default { providers: [${providers}] }`

/** Factories whose schemas come from elsewhere. */
const ODD = `
  const vendor = (jsonSchema) => ({
    '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }), ...jsonSchema },
  })
  const create = () => ({ check: async () => undefined })
  const says = (schema) => vendor({ jsonSchema: { input: ({ target }) => ({ $schema: target, ...schema }) } })
  const port = { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'], additionalProperties: false }
  const silent = definePlugin({ kind: 'silent', schema: vendor(), create })
  const speaking = definePlugin({ kind: 'speaking', schema: says(port), create })
  const leaning = definePlugin({ kind: 'leaning', schema: says({ ...port, properties: { port: { $ref: '#/$defs/port' } } }), create })
  const failing = definePlugin({ kind: 'failing', schema: vendor({ jsonSchema: { input() { throw new Error('no') } } }), create })
`
const FILES = `fileProvider({ name: 'shops', files: '*.yaml', types: { http, mongo, 'a/b ~c': silent } })`

function project(providers: string): Project {
  const made = new Project({ 'uptime.config.ts': configOf(providers) })
  made.usePackages()
  return made
}

/** What the schema of a config says of values: where each is wrong, or nothing. */
async function judge(providers: string, ...args: readonly string[]): Promise<(value: unknown) => string[]> {
  using made = project(providers)
  const { code, stderr, json } = await made.uptime('schema', ...args)
  expect([code, stderr]).toEqual([0, ''])
  const validate = new Ajv({ strict: false, allErrors: true }).compile(json<object>())
  return (value) => {
    validate(value)
    return (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(inWords)
  }
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty = '' } = params as { additionalProperty?: string }
  return `${instancePath} ${message} ${additionalProperty}`.trim()
}

describe('the schema of http and mongo', async () => {
  const faultsOf = await judge(FILES)
  const http = (options: object) => faultsOf([{ type: 'http', url: 'https://example.com', ...options }])

  test('accepts all files of the README', () => {
    const blocks = [...README.matchAll(/^```(yaml|toml)\n(.*?)^```$/gms)].filter(
      ([text]) => !text.includes('apiVersion'),
    )
    expect(blocks.length).toBeGreaterThan(2)
    for (const [, language, text] of blocks)
      expect(faultsOf(language === 'toml' ? toml.parse(text!) : parse(text!)), text).toEqual([])
  })

  test('tells a key that is misspelt, at any depth, and nothing else', () => {
    expect(http({ evry: '5s' })).toEqual(['/0 must NOT have additional properties evry'])
    expect(http({ expect: { latncy: '5s' } })).toEqual([
      '/0/expect must NOT have additional properties latncy',
    ])
    expect(faultsOf({ services: [{ type: 'mongo', uri: 'mongodb://a', every: '5s', requires: 1 }] })).toEqual(
      ['/services/0 must NOT have additional properties requires'],
    )
    expect(faultsOf({ service: [] })).toContain('must NOT have additional properties service')
    expect(faultsOf({ defaults: { type: 'http', evry: '5s' }, services: [] })).toEqual([
      '/defaults must NOT have additional properties evry',
    ])
  })

  test('tells a type that is none, and an option that must be given', () => {
    expect(faultsOf([{ type: 'htp' }])).toEqual(['/0/type must be equal to one of the allowed values'])
    expect(faultsOf([{ name: 'x' }])).toEqual(["/0 must have required property 'type'"])
    expect(faultsOf([{ type: 'http' }])).toEqual(["/0 must have required property 'url'"])
  })

  test('takes a secret where one may stand, and only there', () => {
    const secret = { secret: 'key' }
    expect(http({ url: secret, body: secret, headers: { apikey: secret, accept: 'text/html' } })).toEqual([])
    expect(http({ tls: { ca: secret, key: 'text', insecure: true } })).toEqual([])
    expect(http({ connection: secret })).not.toEqual([])
    expect(http({ url: { secret: 'key', more: 1 } })).not.toEqual([])
  })

  test('takes every form of what has several, and what every service has', () => {
    for (const status of [200, '2xx', [200, '300-304']]) expect(http({ expect: { status } })).toEqual([])
    for (const guard of [true, { allow: ['10.0.0.0/8'] }]) expect(http({ guard })).toEqual([])
    const common = {
      category: 'a',
      labels: { team: 'b' },
      every: 5_000,
      timeout: '5s',
      attempts: 2,
      objective: 99.9,
    }
    expect(http({ ...common, identity: 'c', defaults: { every: '5s' } })).toEqual([])
  })

  test('refuses what no file can hold', () => {
    expect(http({ expect: { body: { matches: 'ok' } } })).not.toEqual([])
  })

  test('does not ask of an entry what the defaults may give', () => {
    const services = [
      { name: 'a', url: 'https://example.com' },
      { type: 'mongo', uri: 'mongodb://a' },
    ]
    expect(faultsOf({ services })).not.toEqual([])
    expect(faultsOf({ defaults: { type: 'http' }, services })).toEqual([])
    expect(faultsOf({ include: ['a.yaml'], defaults: { every: '30s', labels: { team: 'a' } } })).toEqual([])
    expect(faultsOf({ include: 7 })).not.toEqual([])
    expect(faultsOf({ $schema: 'x' })).not.toEqual([])
  })

  test('knows a type of any name', () => {
    expect(faultsOf([{ type: 'a/b ~c', name: 'x' }])).toEqual([])
  })
})

test('what the schema accepts the provider does, and what it refuses too', async () => {
  using made = project(FILES)
  const entries = [
    { type: 'http', name: 'a', url: 'https://example.com', expect: { status: ['2xx', 304] } },
    { type: 'http', name: 'b', url: 'https://example.com', evry: '5s' },
  ]
  const faultsOf = await judge(FILES)
  for (const [index, entry] of entries.entries()) {
    made.write('a.yaml', JSON.stringify([entry]))
    const { stdout } = await made.uptime('check', '--json')
    expect(JSON.parse(stdout)).toHaveLength(faultsOf([entry]).length ? 0 : 1)
    expect(faultsOf([entry])).toHaveLength(index)
  }
})

test('schemas of other libraries: what they say, and any object where they say nothing of use', async () => {
  const faultsOf = await judge(`fileProvider({ files: '*', types: { silent, speaking, leaning, failing } })`)
  for (const type of ['silent', 'leaning', 'failing']) expect(faultsOf([{ type, any: [1] }])).toEqual([])
  expect(faultsOf([{ type: 'speaking', port: 80, name: 'x', every: '5s' }])).toEqual([])
  expect(faultsOf([{ type: 'speaking', port: 'a', prt: 1 }])).toEqual([
    '/0 must NOT have additional properties prt',
    '/0/port must be integer',
  ])
  expect(faultsOf([{ type: 'silent', every: '5s', labels: 7 }])).not.toEqual([])
})

test('--out writes it whole, and says so', async () => {
  using made = project(FILES)
  const printed = (await made.uptime('schema')).stdout
  const { code, stdout } = await made.uptime('schema', '--out', 'uptime.schema.json')
  expect([code, stdout]).toEqual([0, 'wrote uptime.schema.json: http, mongo, a/b ~c\n'])
  expect(readFileSync(made.path('uptime.schema.json'), 'utf8')).toBe(printed)
  const failed = await made.uptime('schema', '--out', 'no/such/folder.json')
  expect([failed.code, failed.stderr]).toEqual([
    2,
    expect.stringMatching(/^error --out: no\/such\/folder\.json cannot be written: ENOENT/),
  ])
  expect(existsSync(made.path('no'))).toBe(false)
})

test('several providers: all of their types, or those of the one that is named', async () => {
  const two = `${FILES}, fileProvider({ name: 'odd', files: 'x/*', types: { http, speaking } })`
  expect((await judge(two))([{ type: 'speaking', port: 1 }])).toEqual([])
  const faultsOf = await judge(two, '--provider', 'odd')
  expect(faultsOf([{ type: 'mongo', uri: 'mongodb://a' }])).toEqual([
    '/0/type must be equal to one of the allowed values',
  ])
})

test.each([
  [
    'a name of none',
    FILES,
    ['--provider', 'shop'],
    'error --provider: found "shop", expected one of shops\n',
  ],
  [
    'no provider at all',
    '',
    [],
    /^error no provider of this config makes services of data; add one, such as fileProvider\(/,
  ],
  [
    'one name for two types',
    `${FILES}, fileProvider({ name: 'odd', files: 'x/*', types: { http: silent } })`,
    [],
    'error type http is something else in provider odd; name one provider with --provider\n',
  ],
  [
    'a folder that is not there',
    FILES,
    ['--out', 'nodir/x.json'],
    /^error --out: nodir\/x\.json cannot be written: ENOENT[^\n]+ 'nodir\/x\.json'\n$/,
  ],
])('%s is told', async (_, providers, args, said) => {
  using made = project(providers)
  const { code, stdout, stderr } = await made.uptime('schema', ...args)
  expect([code, stdout]).toEqual([2, ''])
  if (typeof said === 'string') expect(stderr).toBe(said)
  else expect(stderr).toMatch(said)
})
