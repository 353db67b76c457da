import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const own = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'uptime-drivers-'))
const modules = join(folder, 'node_modules')

/** The package as it was built, in a place where nobody has installed a driver. */
beforeAll(() => {
  const place = join(modules, '@uptimeserver')
  mkdirSync(join(place, 'database-provider'), { recursive: true })
  for (const name of ['dist', 'package.json'])
    cpSync(join(own, name), join(place, 'database-provider', name), { recursive: true })
  symlinkSync(join(own, '../../packages/core'), join(place, 'core'))
  symlinkSync(join(own, 'node_modules/valibot'), join(modules, 'valibot'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rmSync(folder, { recursive: true }))

const SCRIPT = `
  import { systemClock } from '@uptimeserver/core'
  import { databaseProvider } from '@uptimeserver/database-provider'
  const [uri, query] = process.argv.slice(2)
  const types = { page: { spec: { kind: 'page' }, from: () => ({}) } }
  const provider = databaseProvider({ uri, query: query.startsWith('{') ? JSON.parse(query) : query, types })
  const signal = new AbortController().signal
  try {
    for await (const set of provider.discover({ clock: systemClock, signal })) console.log('a set')
  } catch ({ name, code, message }) {
    console.log(JSON.stringify({ name, code, message }))
  }
`

test.each([
  [
    'postgres://127.0.0.1/uptime',
    'SELECT 1',
    'PostgreSQL is read with the package pg, which is not installed: npm i pg',
  ],
  [
    'mongodb://127.0.0.1/uptime',
    '{ "collection": "services" }',
    'MongoDB is read with the package mongodb, which is not installed: npm i mongodb',
  ],
])('without its driver %s says what to install', async (uri, query, message) => {
  writeFileSync(join(folder, 'read.js'), SCRIPT)
  const { stdout } = await run(process.execPath, ['read.js', uri, query], { cwd: folder })
  expect(JSON.parse(stdout)).toEqual({ name: 'UptimeError', code: 'STORAGE_DRIVER', message })
})
