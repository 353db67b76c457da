import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** A copy of the workspace with what is built in it, so that nothing is ever left in the real one. */
const copy = mkdtempSync(join(tmpdir(), 'uptime-new-plugin-'))
const isCopied = (path: string) => !/^(node_modules|\.git)$|\.db/.test(basename(path))
beforeAll(() => cpSync(root, copy, { recursive: true, filter: isCopied }))
afterAll(() => rmSync(copy, { recursive: true, force: true }))

interface Finished {
  readonly code: number
  /** What it said on both channels. */
  readonly said: string
  readonly stdout: string
}

function run(folder: string, command: string, args: readonly string[], env = {}): Promise<Finished> {
  const options = { cwd: join(copy, folder), env: { ...process.env, NO_COLOR: '1', ...env } }
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error ? error.code : 0
      if (typeof code !== 'number') return reject(error)
      resolve({ code, stdout, said: stdout + stderr })
    })
  })
}

const tool = (name: string, ...args: readonly string[]) =>
  run('.', join(copy, 'node_modules/.bin', name), args)

const newPlugin = (...names: readonly string[]) =>
  run('.', process.execPath, ['scripts/new-plugin.mjs', ...names])

/** The files of a folder that are neither installed nor built. */
function filesOf(folder: string): string[] {
  const files = readdirSync(join(copy, folder), { recursive: true, withFileTypes: true })
  return files
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => relative(join(copy, folder), join(parentPath, name)))
    .filter((file) => !/^(node_modules|dist)\b/.test(file))
    .sort()
}

describe('a new plugin', () => {
  let made: Finished
  beforeAll(async () => {
    made = await newPlugin('hello-there')
    expect(made, made.said).toMatchObject({ code: 0 })
  }, 180_000)

  test('is a handful of files, without a placeholder left, and it says what comes next', () => {
    const own = filesOf('plugins/hello-there')
    expect(own).toEqual([
      'README.md',
      'package.json',
      'src/index.ts',
      'test/hello-there.test.ts',
      'tsup.config.ts',
      'uptime.config.ts',
    ])
    for (const file of own)
      expect(readFileSync(join(copy, 'plugins/hello-there', file), 'utf8'), file).not.toMatch(
        /__\w+__|"undefined"/,
      )
    expect(made.stdout).toContain('npx vitest run plugins/hello-there')
    expect(made.stdout).toContain(`import { helloThere } from '@uptimeserver/hello-there'`)
  })

  test('is clean to the linter and the compiler', async () => {
    const lint = await tool('biome', 'ci', 'plugins/hello-there', 'package.json')
    expect(lint.code, lint.said).toBe(0)
    const project = { extends: './tsconfig.json', include: ['plugins/hello-there/**/*.ts'] }
    writeFileSync(join(copy, 'tsconfig.new.json'), JSON.stringify(project))
    const types = await tool('tsc', '--noEmit', '--project', 'tsconfig.new.json')
    expect(types.code, types.said).toBe(0)
  }, 60_000)

  test('keeps the promises of every check, and the rules of the house', async () => {
    const rules = ['test/boundaries.test.ts', 'test/docs/links.test.ts']
    const { stdout, said } = await tool('vitest', 'run', 'plugins/hello-there', ...rules, '--reporter=json')
    expect(JSON.parse(stdout || '{}'), said).toMatchObject({ success: true, numPendingTests: 0 })
    expect(stdout).toContain('a check ends when its signal says so')
  }, 60_000)

  const check = (folder: string, port: number) =>
    run(folder, 'npx', ['--no-install', 'uptime', 'check', '--json'], { PORT: String(port) })

  test('can be used at once, here and elsewhere: uptime check tells up from down', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-test\r\n'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const [here, elsewhere] = ['plugins/hello-there', 'examples/minimal'] as const
    const config = (folder: string) => join(copy, folder, 'uptime.config.ts')
    cpSync(config(here), config(elsewhere))
    for (const folder of [here, elsewhere]) {
      const up = await check(folder, port)
      expect(up.code, up.said).toBe(0)
      expect(JSON.parse(up.stdout)).toMatchObject([{ kind: 'hello-there', name: 'ssh', status: 'up' }])
    }
    await new Promise((resolve) => server.close(resolve))
    const down = await check(here, port)
    expect(down.code, down.said).toBe(1)
    const message = expect.stringContaining(`ECONNREFUSED 127.0.0.1:${port}`)
    expect(JSON.parse(down.stdout)).toMatchObject([{ status: 'down', message }])
  }, 60_000)
})

describe('a name that will not do changes nothing', () => {
  const places = ['.', 'packages', 'packages/core', 'plugins', 'plugins/http']
  const manifest = () => readFileSync(join(copy, 'package.json'), 'utf8')
  const present = () => [manifest(), ...places.map((folder) => readdirSync(join(copy, folder)))]

  const BAD: readonly [why: string, names: readonly string[], said: RegExp][] = [
    ['none', [], /expected one name\nUsage: pnpm new:plugin <name>/],
    ['two', ['dns', 'record'], /expected one name/],
    ['capitals', ['Dns'], /found "Dns", expected lower-case words with dashes/],
    ['a path', ['../dns'], /found "\.\.\/dns", expected/],
    ['a scope', ['@uptimeserver/dns'], /expected lower-case words/],
    ['a digit first', ['3d'], /expected lower-case words/],
    ['dashes at the wrong place', ['dns-'], /expected lower-case words/],
    ['too long', ['x'.repeat(51)], /up to 50 characters/],
    ['a plugin that exists', ['http'], /plugins\/http exists already; nothing was touched/],
    ['a package that exists', ['core'], /packages\/core exists already/],
    ['a reserved word', ['delete'], /function delete\(\), .*JavaScript reserves; "delete-check" will do/],
    ['a word reserved in modules', ['await'], /JavaScript reserves/],
    ['a global', ['structured-clone'], /function structuredClone\(\), which hides the global/],
    ['a name in the template', ['define-config'], /function defineConfig\(\), .*the template uses/],
  ]
  test.each(BAD)('%s', async (_, names, said) => {
    const before = present()
    const refused = await newPlugin(...names)
    expect(refused).toMatchObject({ code: 2, said: expect.stringMatching(said) })
    expect(present()).toEqual(before)
  })

  test('a folder that exists, whatever is in it', async () => {
    const note = join(copy, 'plugins/mine/note.md')
    mkdirSync(join(copy, 'plugins/mine'))
    writeFileSync(note, 'mine')
    expect(await newPlugin('mine')).toMatchObject({ code: 2 })
    expect(readFileSync(note, 'utf8')).toBe('mine')
    expect(readdirSync(join(copy, 'plugins/mine'))).toEqual(['note.md'])
  })
})
