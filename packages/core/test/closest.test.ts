import { expect, test } from 'vitest'
import { closest } from '../src/closest.js'

test.for([
  ['evry', ['every', 'zone'], 'every'],
  ['pgae', ['page', 'site'], 'page'],
  ['hedaers', ['headers', 'method'], 'headers'],
  ['category', ['names', 'categories'], 'categories'],
  ['TimeOut', ['timing', 'timeout'], 'timeout'],
  ['nam', ['names', 'name'], 'name'],
] as const)('%s, of %s, means %s', ([word, known, meant]) => {
  expect(closest(word, known)).toBe(meant)
})

test('words that are very long mean none: to compare them with thousands would take seconds', () => {
  const word = 'x'.repeat(200)
  expect(closest(`${word}y`, [word])).toBeUndefined()
})

test.for([
  ['tcp', ['http']],
  ['eco', ['http', 'tcp']],
  ['interval', ['every', 'timeout']],
  ['x', []],
] as const)('%s means none of %s', ([word, known]) => {
  expect(closest(word, known)).toBeUndefined()
})
