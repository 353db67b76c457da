// pnpm site: builds the documentation into docs/site/dist. With `--dev`, serves it and follows changes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const api = join(here, 'api')

async function run(command, ...args) {
  const child = spawn(join(here, 'node_modules/.bin', command), args, { cwd: here, stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) process.exit(code ?? 1)
}

rmSync(api, { recursive: true, force: true })
await run('typedoc')
const pages = readdirSync(api, { recursive: true }).filter((file) => file.endsWith('.md'))
const items = pages
  .map((file) => file.replace(/\.md$/, '').replaceAll('\\', '/'))
  .filter((name) => name !== 'index')
  .sort()
  .map((name) => ({ text: name, link: `/api/${name}` }))
writeFileSync(join(api, 'sidebar.json'), JSON.stringify([{ text: 'API', link: '/api/', items }]))
await run('vitepress', process.argv.includes('--dev') ? 'dev' : 'build', '.')
