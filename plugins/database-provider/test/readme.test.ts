import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startPostgres } from '../../../test/servers/postgres.js'
import { Monitor } from './support/monitor.js'
import { page } from './support/page.js'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!)

const folder = mkdtempSync(join(tmpdir(), 'uptime-readme-'))
const site = createServer((_, response) => response.end('open'))
const server = forAll(() => startPostgres({ access: ['host all uptime 127.0.0.1/32 scram-sha-256'] }))
let uri = ''
let url = ''

beforeAll(async () => {
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/health`
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'uptime.config.ts'), blocks('ts')[0]!)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  if (!server()) return
  const owner = await server().createDatabase()
  for (const sql of blocks('sql')) await server().sql(owner, sql)
  await server().sql(owner, `INSERT INTO services (name, url, every) VALUES ('shop', '${url}', '5s')`)
  uri = owner.replace('postgres@', 'uptime:change%20me@')
})
afterAll(() => {
  site.close()
  rmSync(folder, { recursive: true })
})

test('its config reads its table with its rights, and finds what is in it up', async () => {
  const bin = join(root, 'packages/cli/bin/uptime.js')
  const options = { cwd: folder, env: { ...process.env, DATABASE_URL: uri } }
  const { stdout, stderr } = await run(process.execPath, [bin, 'check', '--json'], options)
  expect(JSON.parse(stdout)).toMatchObject([{ name: 'shop', kind: 'http', status: 'up' }])
  expect(stderr).toBe('')
}, 60_000)

test('its trigger tells of every change', async () => {
  const owner = uri.replace('uptime:change%20me@', 'postgres@')
  const change = (sql: string) => server().sql(owner, sql)
  const query = /query: '(.*)'/.exec(readme)![1]!
  const types = { http: page }
  await using seen = await Monitor.start({ uri, query, types, listen: 'services_changed', every: '1d' })
  await seen.shows(['shop'])
  await change(`INSERT INTO services (name, url) VALUES ('blog', 'https://blog.example')`)
  await seen.shows(['blog', 'shop'], 1_000)
  await change(`UPDATE services SET active = false WHERE name = 'shop'`)
  await seen.shows(['blog'], 1_000)
  await change('TRUNCATE services')
  await seen.shows([], 1_000)
})

test('a standby has no notifications, which is told, and its rows are polled', async () => {
  const owner = uri.replace('uptime:change%20me@', 'postgres@')
  await server().sql(owner, `INSERT INTO services (name, url) VALUES ('wiki', 'https://wiki.example')`)
  await server().becomeStandby()
  const query = 'SELECT type, name, url FROM services'
  await using seen = await Monitor.start({ uri, query, types: { http: page }, listen: 'services_changed' })
  await seen.shows(['wiki'])
  expect(seen.skipped).toEqual([
    'LISTEN services_changed: cannot execute LISTEN during recovery; the rows are polled',
  ])
})
