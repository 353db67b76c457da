import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { documents, root } from './documents.js'

const page = 'packages/core/docs/reliability.md'
const text = documents.get(page)!

/** `[title](file)` for every test that the page names; links to the code itself are no such. */
const named = [...text.matchAll(/\[([^\]]+)\]\((\S+\.ts)\)/g)]
  .map(([, title, file]) => ({ title: title!, file: file! }))
  .filter(({ file }) => !file.startsWith('../src/'))

test('every test that the page on reliability names exists, by its exact name', () => {
  const missing = named.filter(({ title, file }) => !namesIn(file).has(title))
  expect(missing).toEqual([])
  expect(named.length).toBeGreaterThan(60)
})

test('every promise in its tables names a test', () => {
  const rows = text.split('\n').filter((line) => /^\| (?!promise)/.test(line))
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.filter((row) => !named.some(({ title }) => row.includes(`[${title}](`)))).toEqual([])
})

/** What may be a test's name: every text at the beginning of a call or a line. */
function namesIn(file: string): ReadonlySet<string> {
  const source = readFileSync(join(root, dirname(page), file), 'utf8')
  const names = source.matchAll(/^\s*(?:(?:test|it)\()?(['"`])((?:\\.|(?!\1).)*)\1/gm)
  return new Set([...names].map(([, , name]) => name!.replace(/\\(['"`])/g, '$1')))
}
