import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { expect, test } from 'vitest'
import { Project } from '../../../test/support/uptime.js'

const URL = 'http://127.0.0.1:1/health'
const ARGS = ['init', '--name', 'shop', '--url', URL]
const read = (folder: Project, name = 'uptime.config.ts') => readFileSync(folder.path(name), 'utf8')

/** The name of the service in what init wrote. */
async function nameIn(folder: Project): Promise<unknown> {
  return (await folder.uptime('validate', '--json')).json<{ services: { name: string }[] }>().services[0]
    ?.name
}

test('a config that loads at once, and how to go on', async () => {
  using folder = new Project()
  const { code, stdout } = await folder.uptime(...ARGS)
  expect([code, stdout]).toEqual([
    0,
    'wrote uptime.config.ts\n\nNext:\n  npm i -D uptimeserver\n  npx uptime\n  (or, without installing: npx uptimeserver)\n',
  ])
  expect(readdirSync(folder.folder)).toEqual(['uptime.config.ts'])
  expect(read(folder)).toContain(`http('${URL}', { name: 'shop' })`)
  expect(await nameIn(folder)).toBe('shop')
})

for (const name of [`it's "mine"`, 'a\rb', 'a\nb\tc', '\\', "\\'", '\u2028\u0085\u001b[2J', '`$']) {
  test(`the name ${JSON.stringify(name)} comes through as it is`, async () => {
    using folder = new Project()
    expect((await folder.uptime('init', '--url', URL, '--name', name)).code).toBe(0)
    expect(await nameIn(folder)).toBe(name)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be in a source file
    expect(read(folder)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028]/)
  })
}

for (const taken of ['ts', 'mts', 'js', 'mjs'].map((extension) => `uptime.config.${extension}`)) {
  test(`${taken} is there already: nothing is written without --force`, async () => {
    using folder = new Project({ [taken]: 'precious' })
    const { code, stderr } = await folder.uptime(...ARGS)
    const way =
      taken === 'uptime.config.ts'
        ? 'overwrites it'
        : 'writes uptime.config.ts, which is then read in its place'
    expect([code, stderr]).toEqual([2, `error ${taken} exists already; --force ${way}\n`])
    expect(readdirSync(folder.folder)).toEqual([taken])
    expect(read(folder, taken)).toBe('precious')
  })
}

test('--force overwrites, and leaves access to the file as it was', async () => {
  using folder = new Project({ 'uptime.config.ts': 'precious' })
  chmodSync(folder.path('uptime.config.ts'), 0o600)
  const { code, stderr } = await folder.uptime(...ARGS, '--force')
  expect([code, stderr]).toEqual([0, ''])
  expect(read(folder)).toContain("name: 'shop'")
  expect(statSync(folder.path('uptime.config.ts')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder.folder)).toEqual(['uptime.config.ts'])
})

test('--force beside a config of another name: says that this one is not read any more', async () => {
  using folder = new Project({ 'uptime.config.mjs': 'precious' })
  const { code, stderr } = await folder.uptime(...ARGS, '--force')
  expect([code, stderr]).toEqual([
    0,
    'warning uptime.config.mjs is not read any more: uptime.config.ts comes before it\n',
  ])
  expect(read(folder, 'uptime.config.mjs')).toBe('precious')
})

test('a link that leads nowhere is not followed, with --force neither', async () => {
  using folder = new Project()
  const target = folder.path('elsewhere.ts')
  symlinkSync(target, folder.path('uptime.config.ts'))
  expect((await folder.uptime(...ARGS)).code).toBe(2)
  expect(readlinkSync(folder.path('uptime.config.ts'))).toBe(target)
  expect((await folder.uptime(...ARGS, '--force')).code).toBe(0)
  expect(lstatSync(folder.path('uptime.config.ts')).isFile()).toBe(true)
  expect(existsSync(target)).toBe(false)
})

test('what is missing or wrong is told, and nothing written', async () => {
  using folder = new Project()
  const missing = await folder.uptime('init')
  expect([missing.code, missing.stderr]).toEqual([
    2,
    'error init needs --name and --url where it cannot ask: npx uptimeserver init --name shop --url https://example.com/health\n',
  ])
  const wrong = await folder.uptime('init', '--name', 'shop', '--url', 'nowhere')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/^error --url: found "nowhere", expected an http/)
  expect(readdirSync(folder.folder)).toEqual([])
})

for (const [text, said] of [
  ['null', /^error package\.json: found null, expected an object\n$/],
  ['[]', /^error package\.json: found a list, expected an object\n$/],
  ['{ "name": ', /^error package\.json is not JSON: .+; mend it first\n$/],
] as const) {
  test(`a package.json that is ${text}`, async () => {
    using folder = new Project({ 'package.json': text })
    const { code, stderr } = await folder.uptime(...ARGS)
    expect(stderr).toMatch(said)
    expect(code).toBe(2)
    expect(readdirSync(folder.folder)).toEqual(['package.json'])
  })
}

for (const mark of ['', '\uFEFF']) {
  test(`where it is installed already it says only how to run${mark && ' (with a byte order mark)'}`, async () => {
    using folder = new Project({
      'package.json': `${mark}{ "devDependencies": { "uptimeserver": "^0.1.0" } }`,
    })
    const { stdout } = await folder.uptime(...ARGS)
    expect(stdout).toBe('wrote uptime.config.ts\n\nNext:\n  npx uptime\n')
  })
}
