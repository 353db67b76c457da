import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { http } from '@uptimeserver/http'
import { socketProvider } from '@uptimeserver/socket-provider'
import { expect, test, vi } from 'vitest'
import { hasOrInstalls, Unavailable } from '../../../test/servers/tools.js'
import { orSkip } from '../../../test/support/or-skip.js'
import { ask, Discovering, Place } from './support/socket.js'

vi.setConfig({ testTimeout: 120_000 })

const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block!)
const [, commands, raw] = blocks('sh') as [string, string, string]
const [config] = blocks('ts') as [string]
const [python] = blocks('python') as [string]

/** A folder in which a provider listens at run/uptime.sock, as the page has it, with `uptime` on the path. */
async function open() {
  const place = new Place()
  const running = await Discovering.of(socketProvider({ path: place.socket, types: { http } }))
  const bin = join(import.meta.dirname, '../../../packages/cli/bin/uptime.js')
  mkdirSync(join(place.folder, 'bin'))
  write(place, 'bin/uptime', `exec '${process.execPath}' '${bin}' "$@"`)
  writeFileSync(join(place.folder, 'uptime.config.ts'), config)
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(place.folder, 'node_modules'))
  return {
    ...{ place, running },
    async [Symbol.asyncDispose]() {
      await running.stop()
      place[Symbol.dispose]()
    },
  }
}

function write({ folder }: Place, name: string, script: string): void {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

async function run({ folder }: Place, command: string, ...args: readonly string[]) {
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    NO_COLOR: '1',
    SHOP_KEY: 'key',
  }
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await once(child, 'close')) as [number | null]
  const [stdout, stderr] = await said
  return { code, stdout, stderr }
}

const reported = async (place: Place, name: string) =>
  (await ask(place.socket, { op: 'list', name })).services[0]?.report

test('the commands of the page do what it says', async () => {
  await using it = await open()
  write(it.place, 'backup.sh', 'echo saved')
  const { code, stdout, stderr } = await run(it.place, 'sh', '-e', '-c', commands)
  expect([code, stderr]).toEqual([0, ''])
  const lines = stdout.split('\n')
  expect(lines.slice(0, 2)).toEqual(Array(2).fill('1 added, 0 changed, 0 as before'))
  expect(lines[2]).toMatch(/^backup is down since 2/)
  expect(lines[3]).toBe('saved')
  expect(stdout).toMatch(/\nbackup +heartbeat +jobs +default +up .* ago +[0-9a-f]{16}\n/)
  expect(stdout).toMatch(/\n3 services\n1 service removed\n$/)
  await it.running.untilNames('backup', 'site')
  expect(await reported(it.place, 'backup')).toMatchObject({ status: 'up' })
})

test('the lines for nc and socat do, too', async ({ skip }) => {
  await using it = await open()
  await orSkip(obtain(), skip)
  await ask(it.place.socket, { op: 'put', services: { type: 'heartbeat', name: 'backup', deadline: '1h' } })
  const { code, stdout, stderr } = await run(it.place, 'sh', '-e', '-c', raw)
  expect([code, stderr]).toEqual([0, ''])
  const [first, second] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(first).toMatchObject({ version: 1, ok: true, status: 'up', isLatest: true })
  expect(second).toMatchObject({ ok: true, services: [{ name: 'backup', report: { status: 'up' } }] })
})

async function obtain(): Promise<void> {
  for (const [name, wanted] of [
    ['nc', 'netcat-openbsd'],
    ['socat', 'socat'],
  ] as const)
    if (!(await hasOrInstalls('sh', [wanted], '-c', `command -v ${name}`).catch(() => false)))
      throw new Unavailable(`${name} is missing`, `apt-get install ${wanted}`)
}

test('the lines of Python do, too, with nothing but its standard library', async () => {
  await using it = await open()
  const version = await run(it.place, 'python3', '--version').catch((error) =>
    expect.fail(`python3 is missing: ${error.message}`),
  )
  expect(version.stdout).toMatch(/^Python 3/)
  const { code, stderr } = await run(it.place, 'python3', '-I', '-c', python)
  expect([code, stderr]).toEqual([0, ''])
  expect(await reported(it.place, 'import')).toMatchObject({ status: 'down', reason: '3 rows are broken' })
  const refused = await run(it.place, 'python3', '-I', '-c', python.replace('op="put"', 'op="drop"'))
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("'path': 'op'") })
})

test('a refusal looks as the page shows it', async () => {
  await using it = await open()
  const [shown] = blocks('json') as [string]
  expect(await ask(it.place.socket, { op: 'put', services: { type: 'htp' } })).toEqual(JSON.parse(shown))
})
