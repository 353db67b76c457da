import * as v from 'valibot'
import { expect, test } from 'vitest'
import { definePlugin, type Secret, secret } from '../src/index.js'
import { EntryReader, entryOptions, readEntry, secretText } from '../src/kit/index.js'

const echo = definePlugin<
  { url: string; key?: string | Secret | undefined },
  unknown,
  [url: string, options?: object]
>({
  kind: 'echo',
  schema: v.strictObject({ url: v.string(), key: v.optional(secretText) }),
  args: (url, options) => ({ url, ...options }),
  create: ({ url, key }) => ({
    check: async () => ({ url, key: typeof key === 'object' ? key.reveal() : '' }),
  }),
})

const options = { types: { echo }, secrets: { key: secret('k1') } }

test('an entry is one object: what a call takes as arguments has its name there', async () => {
  const { service } = readEntry(
    { type: 'echo', url: 'a', name: 'shop', every: '5s', key: { secret: 'key' } },
    options,
  )
  expect(service).toMatchObject({ kind: 'echo', name: 'shop', timing: { every: '5s' } })
  expect(await service!.check({} as never)).toEqual({ url: 'a', key: 'k1' })
})

test('everything that is wrong with an entry is said at once, by its path', () => {
  expect(
    readEntry({ type: 'echo', every: 'soon', key: { secret: 'kay' }, nam: 'x' }, options).problems,
  ).toEqual([
    { path: 'key', found: 'the secret "kay"', expected: 'one of key' },
    expect.objectContaining({ path: 'every', found: '"soon"' }),
    expect.objectContaining({ path: 'url' }),
    expect.objectContaining({ path: 'nam', found: 'an unknown option', hint: 'did you mean name?' }),
  ])
})

test.each([
  ['a text', 'url', { path: '', expected: "an object such as { type: 'http', … }" }],
  ['no type', { url: 'a' }, { path: 'type', expected: 'one of echo' }],
  ['a type that the config did not hand over', { type: 'eco' }, { path: 'type', hint: 'did you mean echo?' }],
  ['what every object has', { type: 'constructor' }, { path: 'type', expected: 'one of echo' }],
])('an entry that is %s is no service', (_, entry, problem) => {
  expect(readEntry(entry, options).problems).toEqual([expect.objectContaining(problem)])
})

test('an entry names nothing that the config did not lend', () => {
  const entry = { type: 'echo', url: 'a', name: 'x', key: { secret: 'toString' } }
  expect(readEntry(entry, { types: { echo } }).problems).toEqual([
    { path: 'key', found: 'the secret "toString"', expected: 'no secret: the config lends none' },
  ])
})

test('an entry that has not changed keeps its service, wherever it stands now', () => {
  const reader = new EntryReader(options)
  const [a, b] = ['a', 'b'].map((url) => ({ type: 'echo', url, name: url }))
  const [first] = reader.read([a, b])
  const [other, same] = reader.read([{ ...b, every: '9s' }, { ...a }])
  expect(same!.service).toBe(first!.service)
  expect(other!.service).not.toBe(first!.service)
})

test('what is no factory, or none at all, is told', () => {
  const schema = v.strictObject(entryOptions)
  expect(v.safeParse(schema, { types: {} }).success).toBe(false)
  expect(v.safeParse(schema, { types: { echo: () => undefined } }).success).toBe(false)
  expect(v.safeParse(schema, { types: { echo }, secrets: { key: 'bare' } }).success).toBe(false)
  expect(v.safeParse(schema, options).success).toBe(true)
})
