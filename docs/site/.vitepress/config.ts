import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitepress'
import { onSite, root, slugify, sources } from '../links.ts'
import { PAGES, SECTIONS } from '../pages.ts'

const API = 'docs/site/api'
const apiSidebar = join(root, API, 'sidebar.json')

const vitepress = createRequire(createRequire(import.meta.url).resolve('vitepress'))

interface Link {
  readonly text: string
  readonly link?: string
  readonly items?: Link[]
}

const files = new Map(PAGES.map(({ file, at }) => [`${at}.md`, file]))

export default defineConfig({
  title: 'Uptime Server',
  description: 'Uptime monitoring and SLA as code',
  lang: 'en',
  srcDir: '../..',
  outDir: join(root, 'docs/site/dist'),
  cacheDir: join(root, 'node_modules/.cache/vitepress'),
  srcExclude: [
    '**/node_modules/**',
    '**/dist/**',
    '**/plugin-template/**',
    '.changeset/**',
    '**/CHANGELOG.md',
  ],
  cleanUrls: true,
  rewrites: {
    'docs/site/index.md': 'index.md',
    [`${API}/:path(.*)`]: 'api/:path',
    ...Object.fromEntries(PAGES.map(({ file, at }) => [file, `${at}.md`])),
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/get-started' },
      { text: 'Command', link: '/packages/uptimeserver' },
      { text: 'The number', link: '/guide/sla' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: {
      '/api/': existsSync(apiSidebar) ? (JSON.parse(readFileSync(apiSidebar, 'utf8')) as Link[]) : [],
      '/': SECTIONS.map(({ text, pages }) => ({
        text,
        items: pages.map((page) => ({ text: page.text, link: `/${page.at}` })),
      })),
    },
    outline: [2, 3],
    // The index is built with the site and searched in the browser: nobody is asked.
    search: { provider: 'local' },
  },
  markdown: {
    // As the repository's own pages have them.
    anchor: { slugify },
    config(md) {
      md.core.ruler.push('links of the repository', ({ tokens, env }) => {
        const from = files.get(env.relativePath) ?? env.relativePath
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' && token.attrGet('href')
          if (href) token.attrSet('href', onSite(from, href))
        }
      })
    },
  },
  vite: {
    // The pages stand outside of this package, where there is no vue.
    resolve: { alias: { vue: dirname(vitepress.resolve('vue/package.json')) } },
    build: { chunkSizeWarningLimit: 2_000 },
  },
  buildEnd({ outDir }) {
    for (const file of sources) {
      const to = join(outDir, 'source', `${file}.txt`)
      mkdirSync(dirname(to), { recursive: true })
      copyFileSync(join(root, file), to)
    }
  },
})
