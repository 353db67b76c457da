import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { PAGES } from '../../docs/site/pages.js'
import { documents, root } from './documents.js'

const dist = join(root, 'docs/site/dist')
let said = ''
let pages: ReadonlyMap<string, string> = new Map()

beforeAll(async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['docs/site/build.mjs'], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', CI: 'true' },
  })
  said = stdout + stderr
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.html'),
  )
  pages = new Map(files.map((file) => [`/${file}`, readFileSync(join(dist, file), 'utf8')]))
}, 300_000)

test('it builds without a warning', () => {
  expect(said).toContain('build complete')
  expect(said).not.toMatch(/warn|\(!\)|error/i)
})

test('every page of the repository that people read is on it', () => {
  const files = PAGES.map(({ file }) => file)
  expect([...documents.keys()].filter((file) => !files.includes(file))).toEqual([])
  for (const { at } of PAGES) expect(pages.has(`/${at}.html`), at).toBe(true)
})

test('no link is dead, nor an anchor', () => {
  const dead = [...pages].flatMap(([page, html]) =>
    linksIn(html)
      .filter((link) => !leads(page, link))
      .map((link) => `${page}: ${link}`),
  )
  expect(dead).toEqual([])
})

test('it asks nobody but itself, search included', () => {
  for (const [page, html] of pages)
    for (const [, url] of html.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"/g))
      expect(url, page).toMatch(/^(\/(?!\/)|data:)/)
  const index = readdirSync(join(dist, 'assets/chunks')).find((file) => file.includes('localSearchIndex'))
  expect(readFileSync(join(dist, 'assets/chunks', index!), 'utf8').includes('"silence"')).toBe(true)
})

const linksIn = (html: string) =>
  [...html.matchAll(/<a\b[^>]*?\bhref="([^"]+)"/g)]
    .map(([, link]) => link!.replaceAll('&amp;', '&'))
    .filter((link) => !/^[a-z]+:/.test(link))

function leads(from: string, link: string): boolean {
  const { pathname, hash } = new URL(link, `http://site${from}`)
  const path = decodeURIComponent(pathname)
  const html =
    pages.get(path === '/' || path.endsWith('/') ? `${path}index.html` : `${path}.html`) ?? pages.get(path)
  if (html === undefined) return existsSync(join(dist, path)) && !path.endsWith('/')
  return !hash || html.includes(`id="${decodeURIComponent(hash.slice(1))}"`)
}
