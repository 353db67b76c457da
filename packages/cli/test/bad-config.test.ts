import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Project } from '../../../test/support/uptime.js'

/** What is said about a config. Whatever it is: exit code 2, nothing on stdout, nothing written. */
async function complaint(
  text: string | undefined,
  name = 'uptime.config.ts',
  command = 'run',
): Promise<string> {
  using project = new Project(text === undefined ? {} : { [name]: text })
  const before = readdirSync(project.folder)
  const { code, stdout, stderr } = await project.uptime(command)
  expect(stderr).toMatch(/^error /)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(readdirSync(project.folder)).toEqual(before)
  return stderr.replace(/^error /, '').trim()
}

const config = (body: string) =>
  `import { defineConfig, http } from 'uptimeserver'\nexport default defineConfig(${body})\n`

for (const command of ['run', 'check', 'validate', 'status', 'downtimes']) {
  test(`${command}: a config that is missing`, async () => {
    expect(await complaint(undefined, '', command)).toBe(
      'no uptime.config.ts (or .mts, .js, .mjs) here or above; write one with `npx uptimeserver init`, or name it with --config',
    )
  })

  test(`${command}: a config that is wrong`, async () => {
    expect(await complaint(config(`{ services: [http('nowhere')] }`), 'uptime.config.ts', command)).toBe(
      `uptime.config.ts: the config has a problem:\n- services[0] http · url: found "nowhere", expected an http:// or https:// URL such as 'https://example.com/health'`,
    )
  })
}

test('a file that is named and not there', async () => {
  using project = new Project()
  const { code, stderr } = await project.uptime('check', '--config', 'nowhere.ts')
  expect([code, stderr]).toEqual([2, 'error there is no file nowhere.ts; check --config\n'])
})

test('a syntax error, with its line', async () => {
  const message = await complaint(
    `import { defineConfig } from 'uptimeserver'\n\nexport default defineConfig({\n  every: '60s',,\n})\n`,
  )
  expect(message).toMatch(
    /^uptime\.config\.ts cannot be loaded: Unexpected token\n {4}at uptime\.config\.ts:4:1[56]$/,
  )
})

for (const extension of ['ts', 'mts', 'js', 'mjs']) {
  test(`an error while it runs, with its line (.${extension})`, async () => {
    const message = await complaint(
      `const a = 1\n\nthrow new Error('no vault today')\nexport default {}\n`,
      `uptime.config.${extension}`,
    )
    expect(message).toMatch(
      /^uptime\.config\.\w+ cannot be loaded: no vault today\n {4}at uptime\.config\.\w+:3:\d+$/,
    )
  })
}

test('an import that does not exist', async () => {
  expect(
    await complaint(
      `import { mongo } from '@uptimeserver/mongo-not-there'\nexport default { services: [mongo()] }`,
    ),
  ).toMatch(
    /^uptime\.config\.ts cannot be loaded: Cannot find (module|package) '@uptimeserver\/mongo-not-there'/,
  )
})

test('a config that exports nothing', async () => {
  expect(await complaint('const config = {}\n')).toBe(
    'uptime.config.ts: it exports nothing; write `export default defineConfig({ … })`',
  )
  expect(await complaint('export const config = {}\n')).toBe(
    'uptime.config.ts: it exports only config; write `export default defineConfig({ … })`',
  )
})

test('a config that is a promise which never settles', async () => {
  expect(await complaint('export default new Promise(() => {})')).toBe(
    "uptime.config.ts: the config's function failed: it did not settle within 10s",
  )
}, 20_000)

test('a config whose function throws', async () => {
  expect(await complaint(`export default async () => { throw new Error('vault is sealed') }`)).toBe(
    "uptime.config.ts: the config's function failed: vault is sealed",
  )
})

test('all problems at once', async () => {
  const message = await complaint(
    config(`{
      evry: '60s',
      timeout: 'soon',
      services: [
        http('https://a.example', { expct: {} }),
        http('ftp://b.example', { expect: { status: 999 }, every: '1 minute' }),
        http('https://c.example'), http('https://c.example'),
        { kind: 'mine', name: 'x' },
      ],
    }`),
  )
  const lines = message.split('\n')
  expect(lines[0]).toBe('uptime.config.ts: the config has 8 problems:')
  for (const part of [
    'evry',
    'timeout',
    'services[0] http · expct',
    'url',
    'expect.status',
    'every',
    'services[3]',
    'services[4]',
  ]) {
    expect(message).toContain(part)
  }
  for (const line of lines.slice(1)) expect(line).toMatch(/^- .*: found .+, expected .+/)
})

test('an option that nobody knows', async () => {
  using project = new Project()
  const { code, stderr } = await project.uptime('run', '--verbos')
  expect(code).toBe(2)
  expect(stderr).toMatch(/unknown option '--verbos'/)
  expect(stderr).toMatch(/--verbose/)
})

test('a database that is no database: exit code 2 and the file as it was', async () => {
  using project = new Project({
    'uptime.config.ts': config(`{ services: [http('http://127.0.0.1:1')] }`),
    'uptime.db': 'this is my diary\n'.repeat(300),
  })
  for (const command of ['run', 'status', 'downtimes']) {
    const { code, stderr } = await project.uptime(command)
    expect(code).toBe(2)
    expect(stderr).toMatch(/the file is no database; name another file, or move this one away/)
  }
  expect(readdirSync(project.folder).sort()).toEqual(['uptime.config.ts', 'uptime.db'])
})
