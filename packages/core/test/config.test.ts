import { flakyStorage, memoryStorage, scriptedProvider, scriptedService } from '@uptimeserver/testing'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import {
  type Config,
  definePlugin,
  isUptimeError,
  resolveConfig,
  secret,
  serviceId,
  UptimeError,
} from '../src/index.js'

const tcp = definePlugin({
  kind: 'tcp',
  schema: v.strictObject({
    host: v.string(),
    port: v.number('a port'),
    token: v.optional(v.any()),
    tls: v.optional(v.strictObject({ servername: v.string() })),
  }),
  create: () => ({ check: async () => undefined }),
})

/** All that is said about a config. */
async function complaints(config: unknown): Promise<string[]> {
  try {
    await resolveConfig(config)
  } catch (error) {
    if (isUptimeError(error)) return error.message.split('\n').slice(1)
    throw error
  }
  return []
}

test('what is left out has a default', async () => {
  expect(await resolveConfig({})).toMatchObject({
    monitor: 'default',
    concurrency: 100,
    services: [],
    providers: [],
    warnings: ['there is nothing to monitor: the config has neither services nor providers'],
  })
})

test('services come in nested lists with falsy entries', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => scriptedService({ name }))
  const config: Config = { services: [a, false, [null, [b, undefined]], '', 0, [[c]]] }
  expect((await resolveConfig(config)).services.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
})

test('a config may be a function, an async one, or a promise', async () => {
  for (const input of [
    () => ({ monitor: 'm' }),
    async () => ({ monitor: 'm' }),
    Promise.resolve({ monitor: 'm' }),
  ]) {
    expect((await resolveConfig(input)).monitor).toBe('m')
  }
})

test('a function that throws, rejects or never settles is told', async () => {
  const failing = (input: unknown) => expect(resolveConfig(input, { patience: 20 })).rejects
  const code = { code: 'CONFIG_UNREADABLE' }
  await failing(() => {
    throw new Error('vault is sealed')
  }).toMatchObject({ ...code, message: "the config's function failed: vault is sealed" })
  await failing(async () => Promise.reject(new Error('no'))).toMatchObject(code)
  await failing(() => new Promise(() => undefined)).toMatchObject({
    ...code,
    message: "the config's function failed: it did not settle within 20ms",
  })
})

test('what is no config at all is told', async () => {
  for (const [input, found] of [
    [undefined, 'nothing'],
    [null, 'null'],
    [42, '42 (number)'],
    ['text', '"text"'],
    [[], 'a list of 0'],
  ]) {
    expect(await complaints(input)).toEqual([`- found ${found}, expected a config object`])
  }
})

test('everything that is wrong is told at once, each with its place', async () => {
  const lines = await complaints({
    evry: '10s',
    every: 'often',
    attempts: 0,
    concurrency: 1.5,
    monitor: 'no spaces please',
    services: [
      'http://example.com',
      tcp({ name: 'db', host: 'db', prot: 5432 } as never),
      tcp({ host: 'db', port: '5432' } as never),
      { kind: 'x', name: 'no check' },
      tcp,
      scriptedService({ name: 'twice' }),
      [scriptedService({ name: 'twice' })],
      tcp({
        name: 'slow',
        host: 'db',
        port: 1,
        timeout: '2 weeks' as never,
        objective: 101,
        tls: {} as never,
      }),
    ],
    providers: [{ name: 'p' }, scriptedProvider('config')],
    storage: {},
    consolidators: 7,
  })
  expect(lines).toEqual([
    `- services[0]: found "http://example.com", expected a service such as http('https://…'); it must have a method check()`,
    `- services[1] tcp "db" · port: found nothing, expected a value (it must be given)`,
    `- services[1] tcp "db" · prot: found an unknown option, expected one of host, port, token, tls, name, category, labels, identity, objective, defaults, every, retryEvery, timeout, attempts; did you mean port?`,
    `- services[2] tcp · port: found "5432", expected a port`,
    `- services[3]: found an object with kind, name, expected a service such as http('https://…'); it must have a method check()`,
    `- services[4]: found a function, expected a service such as http('https://…'); it is a function: call it`,
    `- services[7] tcp "slow" · objective: found 101 (number), expected a percentage above 0 and up to 100`,
    `- services[7] tcp "slow" · timeout: found "2 weeks", expected a duration such as '500ms', '5s', '10m', '2h', '1d', or a number of milliseconds, from 10ms to 1d`,
    `- services[7] tcp "slow" · tls.servername: found nothing, expected a value (it must be given)`,
    `- providers[0]: found an object with name, expected a provider; it must have a method discover()`,
    `- consolidators: found 7 (number), expected a consolidator; it must have a method consolidate()`,
    `- storage: found an empty object, expected a storage such as sqliteStorage(); it must have a method record()`,
    `- monitor: found "no spaces please", expected a name of letters, digits, dots, dashes and underscores`,
    `- concurrency: found 1.5 (number), expected a whole number from 1 to 100000`,
    `- every: found "often", expected a duration such as '500ms', '5s', '10m', '2h', '1d', or a number of milliseconds, from 100ms to 366d`,
    `- attempts: found 0 (number), expected a whole number from 1 to 1000`,
    `- evry: found an unknown option, expected one of monitor, concurrency, every, retryEvery, timeout, attempts, zone, objective, storage, services, providers, reference, consolidators, maintenance, leadership, lease, journal; did you mean every?`,
    `- services[6][0] scripted "twice": found the same service as services[5] scripted "twice", expected each service to differ in kind, category, name or identity; give one of them another name or category`,
    `- providers[1] "config" · name: found "config", expected a name of its own`,
  ])
})

test('problems can be read by programs too', async () => {
  const error = await resolveConfig({ services: [tcp({ host: 'a' } as never)] }).catch((thrown) => thrown)
  expect(error).toMatchObject({
    code: 'CONFIG_INVALID',
    problems: [{ path: 'services[0] tcp · port', found: 'nothing' }],
  })
})

test('a service without a name is told, unless its plugin names it', async () => {
  expect(await complaints({ services: [tcp({ host: 'a', port: 1 })] })).toEqual([
    '- services[0] tcp · name: found nothing, expected a name for people to read',
  ])
})

test('a factory of a third party that throws is named with its options', async () => {
  const broken = definePlugin({
    kind: 'broken',
    schema: v.strictObject({ url: v.string() }),
    create: () => {
      throw new Error('cannot parse')
    },
  })
  expect(await complaints({ services: [broken({ name: 'x', url: 'y' })] })).toEqual([
    '- services[0] broken "x": found an object with url, expected options it can use (cannot parse)',
  ])
})

test('factories take no options at all without throwing', async () => {
  for (const odd of [undefined, null, 42, 'text', [], () => 1]) {
    const service = (tcp as (options: unknown) => ReturnType<typeof tcp>)(odd)
    expect(service.problems!.length).toBeGreaterThan(0)
  }
})

test('a schema that answers later is told to its author', async () => {
  const later = definePlugin({
    kind: 'later',
    schema: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value: unknown) => ({ value: value as object }),
      },
    },
    create: () => ({ check: async () => undefined }),
  })
  expect(await complaints({ services: [later({ name: 'x' })] })).toEqual([
    '- services[0] later "x": found a schema that answers later, expected a synchronous schema',
  ])
})

test('a number that looks like seconds gets a warning', async () => {
  const { warnings } = await resolveConfig({
    every: 500,
    services: [scriptedService({ name: 'a', timeout: 100 })],
  })
  expect(warnings).toEqual([
    `every: 500 is milliseconds; write '500ms' if that is meant, '500s' for seconds`,
    `services[0] scripted "a" · timeout: 100 is milliseconds; write '100ms' if that is meant, '100s' for seconds`,
  ])
})

test('secrets that cannot be had are told, and their values never', async () => {
  process.env.UPTIME_TEST_TOKEN = 'hunter2-env'
  const lines = await complaints({
    services: [
      tcp({ name: 'a', host: 'h', port: 1, token: secret.env('UPTIME_TEST_NOT_SET') }),
      tcp({ name: 'b', host: 'h', port: 1, token: [secret.file('/nonexistent/secret')] }),
      tcp({ name: 'c', host: 'h', port: 'hunter2' as never, token: secret.env('UPTIME_TEST_TOKEN') }),
      tcp({ name: 'd', host: 'h', port: 1, password: 'hunter2' } as never),
    ],
  })
  delete process.env.UPTIME_TEST_TOKEN
  expect(lines[0]).toBe(
    '- services[0] tcp "a" · token: found a secret that cannot be had (environment variable UPTIME_TEST_NOT_SET is not set), expected its value',
  )
  expect(lines[1]).toMatch(/services\[1\] tcp "b" · token\[0\]: found a secret that cannot be had/)
  expect(lines.join()).not.toContain('hunter2-env')
  expect(lines[3]).not.toContain('hunter2')
})

test('a userinfo in a URL is not shown', async () => {
  const strict = definePlugin({
    kind: 'x',
    schema: v.strictObject({ url: v.custom<string>(() => false, 'another URL') }),
    create: () => ({ check: async () => undefined }),
  })
  const [line] = await complaints({ services: [strict({ name: 'a', url: 'https://user:pass@host/path' })] })
  expect(line).toBe('- services[0] x "a" · url: found "https://host/path", expected another URL')
})

test('two providers or consolidators may not share a name', async () => {
  expect(await complaints({ providers: [scriptedProvider('p'), scriptedProvider('p')] })).toEqual([
    '- providers[1] "p" · name: found "p", expected a name of its own',
  ])
})

test('a plugin from another copy of the package is as good', async () => {
  const foreign = { ...flakyStorage(memoryStorage()), name: 'foreign' }
  expect((await resolveConfig({ storage: foreign })).storage).toBe(foreign)
  const error = Object.assign(new Error('x'), {
    [Symbol.for('uptimeserver.error')]: true,
    code: 'STORAGE_FENCED',
  })
  expect(isUptimeError(error, 'STORAGE_FENCED')).toBe(true)
  expect(isUptimeError(error, 'STORAGE_FULL')).toBe(false)
  expect(isUptimeError(new UptimeError('STORAGE_FULL', 'x'))).toBe(true)
})

test('an id stays while kind, category and name stay, or the identity', () => {
  const base = { kind: 'http', category: 'infra', name: 'shop' }
  expect(serviceId(base)).toBe(serviceId({ ...base }))
  expect(serviceId(base)).toMatch(/^[0-9a-f]{16}$/)
  const others = [
    { ...base, kind: 'tcp' },
    { ...base, category: 'web' },
    { ...base, name: 'shop2' },
    { kind: 'http', name: 'shop' },
    { ...base, identity: 'x' },
  ]
  expect(new Set([base, ...others].map(serviceId)).size).toBe(6)
  expect(serviceId({ ...base, identity: 'x' })).toBe(
    serviceId({ kind: 'http', name: 'renamed', identity: 'x' }),
  )
})

test('whatever becomes part of the record or the schedule is checked, whoever made it', async () => {
  const service = (odd: object) => ({ kind: 'k', name: 'n', check: async () => undefined, ...odd })
  const path = async (odd: object) => (await complaints({ services: [service(odd) as never] }))[0]
  expect(await path({ labels: { n: 5n } })).toMatch(/labels\.n: found 5 \(bigint\), expected a text/)
  expect(await path({ labels: null })).toMatch(/labels: found null/)
  expect(await path({ category: {} })).toMatch(/category: found an empty object/)
  expect(await path({ defaults: { every: 0 } })).toMatch(
    /defaults\.every: found 0 \(number\), expected a duration/,
  )
  expect(await path({ objective: 101 })).toMatch(/objective: found 101/)
  expect(await path({ close: true })).toMatch(/close: found true \(boolean\), expected a method/)
  const { open: _, ...halfStorage } = flakyStorage(memoryStorage())
  expect(await complaints({ storage: halfStorage as never })).toEqual([
    '- storage "flaky memory" · open: found nothing, expected a method',
  ])
})

test('nothing that may be a secret is printed, wherever it was put', async () => {
  const strict = definePlugin({
    kind: 'x',
    schema: v.strictObject({
      headers: v.record(v.string(), v.string()),
      tls: v.strictObject({ key: v.string() }),
      url: v.custom<string>(() => false, 'another URL'),
    }),
    create: () => ({ check: async () => undefined }),
  })
  const lines = await complaints({
    services: [
      ...[
        'http:/admin:hunter2@h/',
        ' http://admin:hunter2@h/',
        'admin:hunter2@h/x',
        'http://a:hunter2/x@h',
      ].map((url, index) =>
        strict({
          name: String(index),
          url,
          headers: { 'x-auth': 'hunter2', odd: 123456 as never },
          tls: { key: 123456 as never },
        }),
      ),
    ],
  })
  expect(lines.length).toBeGreaterThan(8)
  expect(lines.join('\n')).not.toMatch(/hunter2|123456/)
})
