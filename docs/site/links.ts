import { existsSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { PAGES } from './pages.ts'

export const root = join(import.meta.dirname, '../..')
const places = new Map(PAGES.map(({ file, at }) => [file, at]))

/** Files that pages point to and that are no pages: they are published beside them, as they stand. */
export const sources = new Set<string>()

/**
 * Where a link of a page leads on the site. Pages are written for the repository, where links are paths; the site has its
 * own order.
 *
 * @param from the page, by its path from the root of the repository
 */
export function onSite(from: string, link: string): string {
  if (/^([a-z]+:|#|\/)/.test(link)) return link
  const [path = '', anchor] = link.split('#')
  const target = posix.join(dirname(from), path)
  const hash = anchor ? `#${anchor}` : ''
  const page = places.get(target) ?? places.get(posix.join(target, 'README.md'))
  if (page) return `/${page}${hash}`
  const isFile = existsSync(join(root, target)) && statSync(join(root, target)).isFile()
  if (!isFile) return link
  sources.add(target)
  return `/source/${target}.txt`
}

/** What a heading is called in links to it, as the repository's own pages have it. */
export function slugify(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
}
