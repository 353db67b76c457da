import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Project } from '../../../test/support/uptime.js'

const server = createServer((request, response) => {
  response.statusCode = request.url === '/down' ? 503 : 200
  response.end('hello')
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const project = (services: string, rest = '') =>
  new Project({
    'uptime.config.ts': `
      import { defineConfig, http, secret } from 'uptimeserver'
      const url: string = '${url}'
      export default defineConfig({ ${rest} services: [${services}] })`,
  })

const TWO = `http(url, { name: 'shop', category: 'web', labels: { team: 'a' } }), http(url + '/down', { name: 'mail', category: 'infra' })`

test('check: a table for people, exit code 1 when any is down, nothing written', async () => {
  using folder = project(TWO)
  const { code, stdout, stderr } = await folder.uptime('check')
  expect([code, stderr]).toEqual([1, ''])
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^SERVICE +KIND +STATUS +LATENCY +MESSAGE$/)
  expect(lines[1]).toMatch(/^shop +http +● up +[\d.]+ ms$/)
  expect(lines[2]).toMatch(/^mail +http +● down +[\d.]+ ms +status 503, expected 2xx$/)
  expect(lines.at(-1)).toBe('1 up, 1 down')
  expect(readdirSync(folder.folder)).toEqual(['uptime.config.ts'])
})

test('check: exit code 0 when all are up', async () => {
  using folder = project(TWO)
  expect((await folder.uptime('check', 'shop')).code).toBe(0)
  expect((await folder.uptime('check', '--category', 'web')).code).toBe(0)
})

test('check --json: a list of objects with ISO times and milliseconds as numbers', async () => {
  using folder = project(TWO)
  const results = (await folder.uptime('check', '--json')).json()
  expect(results).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      kind: 'http',
      name: 'shop',
      category: 'web',
      labels: { team: 'a' },
      status: 'up',
      since: null,
      lastCheck: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      latencyMs: expect.any(Number),
      message: null,
      detail: expect.objectContaining({ status: 200 }),
    },
    expect.objectContaining({
      name: 'mail',
      status: 'down',
      labels: {},
      message: 'status 503, expected 2xx',
    }),
  ])
})

test('services are chosen by id, part of the name, kind, category and label', async () => {
  using folder = project(TWO)
  const chosen = async (...args: string[]) =>
    (await folder.uptime('check', '--json', ...args)).json().map(({ name }) => name)
  const [{ id }] = (await folder.uptime('check', '--json')).json() as [{ id: string }]
  expect(await chosen(id)).toEqual(['shop'])
  expect(await chosen('AI')).toEqual(['mail'])
  expect(await chosen('shop', 'mail')).toEqual(['shop', 'mail'])
  expect(await chosen('--label', 'team=a')).toEqual(['shop'])
  const wrong = await folder.uptime('check', '--label', 'team')
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    'error --label: found "team", expected name=value such as team=payments\n',
  ])
})

test('a filter that no service fits is a wrong command line: nothing was checked, so nothing is up', async () => {
  using folder = project(TWO)
  const said = 'error none of 2 services fits "nosuch" --kind tcp --label team=b\n'
  const args = ['check', 'nosuch', '--kind', 'tcp', '--label', 'team=b']
  const forPeople = await folder.uptime(...args)
  expect([forPeople.code, forPeople.stdout, forPeople.stderr]).toEqual([2, '', said])
  const forMachines = await folder.uptime(...args, '--json')
  expect([forMachines.code, forMachines.stdout, forMachines.stderr]).toEqual([2, '[]\n', said])
})

test('a filter that no service fits: what is read from the record is empty, with a word of warning', async () => {
  using folder = project(TWO, `every: '200ms',`)
  await using monitor = folder.run()
  await monitor.until(({ to }) => to === 'up')
  await monitor.end()
  for (const command of ['status', 'downtimes']) {
    const { code, stdout, stderr } = await folder.uptime(command, 'nosuch', '--json')
    expect([code, stdout, stderr]).toEqual([0, '[]\n', 'warning none of 2 services fits "nosuch"\n'])
    expect((await folder.uptime(command, 'shop', '--json')).stderr).toBe('')
  }
})

test('a filter may miss when not everything was discovered: that is not its fault', async () => {
  using folder = project(
    TWO,
    `providers: [{ name: 'cluster', async *discover() { throw new Error('unreachable') } }],`,
  )
  const { code, stderr } = await folder.uptime('check', 'nosuch')
  expect([code, stderr]).toEqual([1, 'warning provider cluster gave no set: unreachable\n'])
})

test('status and downtimes: where there is no database yet, nothing, and nothing is created', async () => {
  using folder = project(TWO)
  for (const command of ['status', 'downtimes']) {
    const { code, stdout } = await folder.uptime(command, '--json')
    expect([code, JSON.parse(stdout)]).toEqual([0, []])
    expect((await folder.uptime(command)).code).toBe(0)
  }
  expect(readdirSync(folder.folder)).toEqual(['uptime.config.ts'])
})

test('downtimes: a time that is none', async () => {
  using folder = project(TWO)
  for (const [text, ok] of [
    ['24h', true],
    ['2026-11-22', true],
    ['2026-11-22T08:00:00+01:00', true],
    ['2026-11-22T08:00', true],
    ['yesterday', false],
    ['2026-13-40', false],
    ['2028-02-29', true],
    ['2026-02-31', false],
    ['2026-02-29T08:00:00Z', false],
  ] as const) {
    const { code, stderr } = await folder.uptime('downtimes', '--from', text)
    expect(code).toBe(ok ? 0 : 2)
    if (!ok)
      expect(stderr).toMatch(
        new RegExp(`^error --from: found "${text.replace(/[+]/g, '\\+')}", expected a time such as`),
      )
  }
})

test('validate: the plan, without opening anything or showing a secret', async () => {
  process.env.UPTIME_TEST_KEY = 'hunter2'
  using folder = project(
    `http('https://user:sesame@example.com/x', { name: 'shop', headers: { apikey: secret.env('UPTIME_TEST_KEY') }, every: '30s' })`,
    `every: 90, timeout: '2s',`,
  )
  const bad = await folder.uptime('validate')
  expect(bad.stderr).toMatch(/every: found 90 \(number\)/)
  folder.write(
    'uptime.config.ts',
    readFileSync(folder.path('uptime.config.ts'), 'utf8').replace('every: 90', 'every: 900'),
  )
  const { code, stdout, stderr } = await folder.uptime('validate')
  expect(code).toBe(0)
  expect(stderr).toBe(
    "warning every: 900 is milliseconds; write '900ms' if that is meant, '900s' for seconds\n",
  )
  expect(stdout).toMatch(/^shop +http +30s +5s +2s +3 +[0-9a-f]{16}$/m)
  expect(stdout).toMatch(
    /valid .*uptime\.config\.ts: 1 service · consolidators sla, status · storage sqlite-storage · monitor default · zone UTC/,
  )
  const json = await folder.uptime('validate', '--json')
  expect(json.json<object>()).toMatchObject({
    monitor: 'default',
    storage: 'sqlite-storage',
    services: [{ name: 'shop', every: 30_000, attempts: 3 }],
  })
  for (const text of [stdout, stderr, json.stdout, bad.stderr]) expect(text).not.toMatch(/hunter2|sesame/)
  expect(readdirSync(folder.folder)).toEqual(['uptime.config.ts'])
  delete process.env.UPTIME_TEST_KEY
})

const COMMANDS = [
  ...['run', 'check', 'status', 'downtimes', 'downtimes exclude', 'downtimes include', 'sla', 'report'],
  ...['maintenance add', 'maintenance list', 'maintenance end', 'consolidate', 'validate', 'init'],
]

test('every command explains itself with an example', async () => {
  using folder = new Project()
  for (const command of COMMANDS) {
    const { code, stdout } = await folder.uptime(...command.split(' '), '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`Example:\n {2}\\$ uptime ${command}`))
  }
  expect((await folder.uptime('--help')).stdout).toMatch(/run \[options\]/)
  expect((await folder.uptime('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/)
})

test('a word that is no command is told as such, and nothing starts', async () => {
  using project = new Project({ 'uptime.config.ts': 'throw new Error("loaded")' })
  const { code, stdout, stderr } = await project.uptime('chek')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toBe('error there is no command "chek"\nSee uptime --help.\n')
})

test('an error of a command points to the help of that command', async () => {
  using project = new Project()
  for (const words of [['check'], ['maintenance', 'list'], ['doctor']]) {
    const { code, stderr } = await project.uptime(...words, '--nonsense')
    expect([code, stderr]).toEqual([
      2,
      `error unknown option '--nonsense'\nSee uptime ${words.join(' ')} --help.\n`,
    ])
  }
})

test('the help of every command has one blank line between its parts', async () => {
  using project = new Project()
  for (const command of ['check', 'doctor', 'health'])
    expect((await project.uptime(command, '--help')).stdout).toMatch(/Exit code: .+\n\nExample:\n/)
})
