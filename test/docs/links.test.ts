import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { slugify } from '../../docs/site/links.js'
import { documents, root, snippets } from './documents.js'

const anchorsIn = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slugify(heading!))

test('every link within the project leads somewhere', () => {
  const dead = [...documents].flatMap(([path, text]) =>
    [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !leads(path, link))
      .map((link) => `${path}: ${link}`),
  )
  expect(dead).toEqual([])
})

function leads(from: string, link: string): boolean {
  const [file, anchor] = link.split('#') as [string, string?]
  const target = file ? join(root, dirname(from), file) : join(root, from)
  if (!existsSync(target)) return false
  return !anchor || anchorsIn(readFileSync(target, 'utf8')).includes(anchor)
}

test('every script that a page names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const own = (where: string) => {
    const manifest = join(root, dirname(where), 'package.json')
    return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).scripts : {}
  }
  const builtIn = ['install', 'i', 'exec', 'add', '--filter', 'pack']
  const unknown = snippets('sh').flatMap(({ where, text }) =>
    [...text.matchAll(/^(?:\w+=\S+ )*(?:pnpm|npm)(?: run)? (\S+)/gm)]
      .map(([, script]) => script!)
      .filter((script) => !builtIn.includes(script) && !(script in { ...scripts, ...own(where) }))
      .map((script) => `${where}: ${script}`),
  )
  expect(unknown).toEqual([])
})

test('the packages that are published have a page that says how they are used', () => {
  for (const [path, text] of documents) {
    if (!/^(packages|plugins)\//.test(path)) continue
    expect(text.length, path).toBeGreaterThan(800)
    expect(text, path).toMatch(/^```ts$/m)
  }
})
