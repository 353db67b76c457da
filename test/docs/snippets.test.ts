import { type ChildProcess, execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Authority } from '../servers/certificates.js'
import { forAll } from '../servers/for-all.js'
import { startKubernetes } from '../servers/kubernetes.js'
import { openMongoPlace } from '../servers/mongo-place.js'
import { startPostgres } from '../servers/postgres.js'
import { root, type Snippet, snippets } from './documents.js'

const run = promisify(execFile)
const bin = join(root, 'packages/cli/bin/uptime.js')
const folder = mkdtempSync(join(tmpdir(), 'uptime-docs-'))
const all = snippets('ts').map((snippet, index) => ({ ...snippet, path: `snippet-${index}.ts` }))

/** What a page says, and a cluster. */
const WELL = '{"status":"ok","checks":[{"healthy":true}]}'
const GREEN =
  '{"status":"green","number_of_nodes":3,"unassigned_shards":0,"active_shards_percent_as_number":100}'

/** Stands for the example.com of the pages: everything is well there. */
let site = createServer()
let origin = ''
/** Stands for every MongoDB of the pages. */
const database = forAll(openMongoPlace)
/** Has what the page of the database provider tells one to make. */
const table = forAll(async () => {
  const server = await startPostgres()
  const own = snippets('sql').filter(({ where }) => where.startsWith('plugins/database-provider/'))
  for (const { text } of own) await server.sql(server.url, text)
  return server
})

beforeAll(async () => {
  const authority = await Authority.create()
  site = createServer(await authority.issue({ names: ['localhost'] }), ({ url }, response) =>
    response
      .setHeader('content-type', 'application/json')
      .end(url?.includes('/_cluster/health') ? GREEN : WELL),
  ).listen(0, 'localhost')
  await once(site, 'listening')
  origin = `https://localhost:${(site.address() as AddressInfo).port}`
  writeFileSync(join(folder, 'ca.pem'), authority.ca)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const { path, text } of all) writeFileSync(join(folder, path), withOrigin(text))
  // What a config reads lies beside it, as its page has it.
  for (const { file = '', text } of snippets('yaml', 'toml').filter(({ file }) => file?.includes('/'))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), withOrigin(text))
  }
}, 120_000)
afterAll(() => {
  site.close()
  rmSync(folder, { recursive: true })
})

const withOrigin = (text: string) => text.replaceAll('https://example.com', origin)

function node(...args: string[]) {
  const running = run(process.execPath, args, {
    cwd: folder,
    timeout: 30_000,
    env: {
      ...process.env,
      ...{ NODE_EXTRA_CA_CERTS: 'ca.pem', NODE_ENV: 'production', ADMIN_KEY: 'key' },
      ...{ ORDERS_URI: database().url, MONGO_URI: database().url, DATABASE_URL: table().url },
      ...{ KUBECONFIG: join(folder, 'kubeconfig'), SHOP_KEY: 'key' },
    },
  })
  const ended = running.catch((error) => expect.fail(`${error.message}\n${error.stdout}`))
  return Object.assign(ended, { child: running.child })
}

test('the pages show code', () => expect(all.length).toBeGreaterThan(8))

test('every snippet has the types that it says', async () => {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
  }
  const files = all.map(({ path }) => path)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const tsc = join(root, 'node_modules/.bin/tsc')
  const said = await run(tsc, ['-p', folder]).then(
    () => '',
    ({ stdout }) => String(stdout),
  )
  const located = said.replace(/snippet-(\d+)\.ts/g, (_, index) => `${all[index]?.where} `)
  expect(located).toBe('')
})

const title = ({ where, file = 'a script' }: Snippet) => `${where} (${file})`
const of = (kind: string) => all.filter(({ file = 'script.ts' }) => kindOf(file) === kind)
const kindOf = (file: string) => (file.endsWith('.config.ts') ? 'config' : 'script')

const isAboutClusters = ({ text }: Snippet) => text.includes("context: 'prod'")

describe('a config finds everything up', () => {
  for (const snippet of of('config')) if (!isAboutClusters(snippet)) findsAllUp(snippet)
})

describe('a config finds everything up in a cluster', () => {
  const cluster = forAll(startKubernetes)
  beforeAll(async () => {
    const { api } = cluster() ?? {}
    await api?.request('POST', '/api/v1/nodes', { metadata: { name: 'a', labels: { role: 'worker' } } })
    const conditions = [{ type: 'Ready', status: 'True' }]
    await api?.request('PATCH', '/api/v1/nodes/a/status', { status: { conditions } })
    if (api)
      writeFileSync(join(folder, 'kubeconfig'), cluster().asKubeconfig().replaceAll('admin@test', 'prod'))
  })
  for (const snippet of of('config')) if (isAboutClusters(snippet)) findsAllUp(snippet)
})

/** A provider alone may find nothing in an empty cluster, which is well, too. */
function findsAllUp(snippet: (typeof all)[number]): void {
  test(title(snippet), async () => {
    const { stdout, stderr } = await node(bin, 'check', '--json', '--config', snippet.path)
    if (!snippet.text.includes('providers:')) expect(JSON.parse(stdout).length).toBeGreaterThan(0)
    expect(stderr).not.toMatch(/warning/)
  })
}

describe('a script or test runs to its end, which for a server is Ctrl-C', () => {
  for (const snippet of of('script')) {
    test(title(snippet), async () => {
      const isServer = snippet.text.includes("process.once('SIGINT'")
      const running = node('--import', 'jiti/register', snippet.path)
      const { stdout } = isServer ? await interrupted(running) : await running
      if (isServer) expect(stdout).toMatch(/shop.* up/)
    })
  }
})

/** Presses Ctrl-C once it has said that something is up. */
async function interrupted<T>(running: Promise<T> & { child: ChildProcess }): Promise<T> {
  const { child } = running
  await new Promise((resolve) => {
    child.stdout!.on('data', (chunk) => String(chunk).includes('up') && resolve(undefined))
    child.once('close', resolve)
  })
  child.kill('SIGINT')
  return running
}
