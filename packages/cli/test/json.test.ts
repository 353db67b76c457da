import { expect, test } from 'vitest'
import { toJson } from '../src/json.js'

test('what JSON does not know becomes text instead of an exception', () => {
  expect(JSON.parse(toJson([{ name: 'good' }, { detail: { count: 10n } }]))).toEqual([
    { name: 'good' },
    { detail: { count: '10' } },
  ])
})

test('what refers to itself, or cannot be read, says so', () => {
  const circle: Record<string, unknown> = { count: 1 }
  circle.self = circle
  const locked = {
    get inner() {
      throw new Error('no')
    },
  }
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  expect(JSON.parse(toJson([circle, locked, proxy, { toJSON: () => 5n }]))).toEqual([
    { count: 1, self: '(circular)' },
    '(cannot be read)',
    '(cannot be read)',
    '5',
  ])
})

test('nothing that is printed can steer a terminal, and nothing is lost', () => {
  const name = 'a\u001b[2J\u009b31m\u007f\u2028b'
  const json = toJson({ name })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/)
  expect(JSON.parse(json)).toEqual({ name })
})
