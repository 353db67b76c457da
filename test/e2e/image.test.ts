import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Container, insistOnNamespaces, installProgram, nodeOf, prepareRoot } from '../servers/container.js'
import { command, hasOrInstalls } from '../servers/tools.js'
import { isKept, patternsIn } from '../support/docker-context.js'
import { brokenRules } from '../support/docker-rules.js'
import { lastOf, parseDockerfile } from '../support/dockerfile.js'
import { ownDockerfile, stageImage } from '../support/image.js'
import { orSkip } from '../support/or-skip.js'
import { Project, Running } from '../support/uptime.js'

const ROOT = join(import.meta.dirname, '../..')
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const [build, final] = ownDockerfile() as [
  ReturnType<typeof ownDockerfile>[0],
  ReturnType<typeof ownDockerfile>[0],
]
/** What the packages of the image may weigh, in bytes. */
const MOST = 60_000_000

describe('the Dockerfile', () => {
  test('keeps the rules for an image that strangers run', () => {
    expect(brokenRules(ownDockerfile())).toEqual([])
  })

  test.for([
    ['every base names its version', /^(FROM node):\S+$/m, '$1:22'],
    ['it does not run as root', /^USER .*$/m, 'USER root'],
    ['it does not run as root', /^USER .*$/m, ''],
    ['nothing is fetched by ADD', /^USER/m, 'ADD https://example.com/x /x\nUSER'],
    ['nothing is piped from the network into a shell', /^RUN npx/m, 'RUN curl https://example.com | sh; npx'],
    ['each copy into the image says whose it is', / --chown=0:0/, ''],
    ['apt leaves nothing behind', /^RUN npx/m, 'RUN apt-get install -y git && npx'],
    ['it tells how it is asked for its health', /^HEALTHCHECK.*$/m, ''],
    ['no shell stands in front of it', /^ENTRYPOINT.*$/m, 'ENTRYPOINT uptime'],
    ['Node knows that it is in production', /NODE_ENV=production/, 'NODE_ENV=test'],
    ['the final stage runs no commands', /^USER/m, 'RUN true\nUSER'],
    ['no secret is baked in', /^ENV /m, 'ENV NPM_TOKEN=abc NODE_ENV=production '],
  ] as const)('and would be told where it did not: %s', ([rule, from, to]) => {
    expect(brokenRules(parseDockerfile(textOf('Dockerfile').replace(from, to)))).toContain(rule)
  })

  test('is made by the pnpm that this repository names, and runs on the Node that it was built with', () => {
    const { packageManager } = JSON.parse(textOf('package.json')) as { packageManager: string }
    const used = build.instructions.flatMap(({ text }) => text.match(/pnpm@[\d.]+/g) ?? [])
    expect(new Set(used)).toEqual(new Set([packageManager]))
    expect(final.base).toBe(build.base)
  })

  test('is sent no secrets, no record and no packages of this machine', () => {
    const patterns = patternsIn(textOf('.dockerignore'))
    const kept = (path: string) => isKept(path, patterns)
    const left = [
      '.env',
      'packages/cli/.env.local',
      'node_modules/x',
      'plugins/http/node_modules/x',
      '.git/config',
      'uptime.db',
    ]
    expect(left.filter(kept)).toEqual([])
    expect(['package.json', 'packages/cli/src/bin.ts', 'docker/package.json'].filter(kept)).toHaveLength(3)
  })

  test('every package that people can install is in it', () => {
    const { dependencies } = JSON.parse(textOf('docker/package.json')) as { dependencies: object }
    const names = readdirSync(join(ROOT, 'plugins')).map((name) => `@uptimeserver/${name}`)
    expect(Object.keys(dependencies).sort()).toEqual([...names, '@uptimeserver/core', 'uptimeserver'].sort())
  })
})

describe('the files of the image, as its commands make them', () => {
  let place: string
  let root: string
  let node: string
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'uptime-image-'))
    node = await nodeOf(/^node:(\d+\.\d+\.\d+)/.exec(final.base)![1]!)
    const env = { ...process.env, NODE_ENV: undefined, PATH: `${dirname(node)}:${process.env.PATH}` }
    root = await stageImage(place, env)
  }, 300_000)
  afterAll(() => rmSync(place, { recursive: true, force: true }), 60_000)

  test('are packages for running alone, and weigh no more than 60 MB', () => {
    const modules = join(root, 'app/node_modules')
    const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    )
    const size = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
    console.log(`node_modules of the image: ${(size / 1e6).toFixed(1)} MB in ${files.length} files`)
    expect(size).toBeLessThan(MOST)
    for (const name of ['typescript', 'vitest', 'tsup', '@photostructure', '@uptimeserver/testing'])
      expect(readdirSync(dirname(join(modules, name)))).not.toContain(name.slice(name.lastIndexOf('/') + 1))
    expect(files.filter(({ name }) => /\.map$|\.d\.[mc]?ts$/.test(name))).toEqual([])
  })

  test('run as process 1 of a user without rights, read-only, answer for their health, and end within 2 seconds', async ({
    skip,
  }) => {
    await orSkip(insistOnNamespaces(), skip)
    await using container = await contain()
    const monitor = new Running(container.child)
    await monitor.until(({ to }) => to === 'up')
    const status = readFileSync(`/proc/${container.pid}/status`, 'utf8')
    expect(status).toMatch(/^NSpid:\s+\d+\s+1$/m)
    expect(status).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m)
    const { words } = lastOf(final, 'HEALTHCHECK')!
    await vi.waitFor(
      async () => expect((await container.execute(...words)).stdout).toMatch(/^ready: leads/),
      10_000,
    )
    for (const path of ['/x', '/app/x', '/app/config/x', '/app/node_modules/x'])
      await expect(container.execute('node', '-e', `fs.writeFileSync('${path}', '')`)).rejects.toThrow(
        /EROFS/,
      )
    await vi.waitFor(
      async () => expect((await container.execute('uptime', 'status')).stdout).toContain('1 up'),
      10_000,
    )
    const began = performance.now()
    process.kill(container.pid, 'SIGTERM')
    expect(await monitor.ended).toEqual({ code: 0, signal: null })
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(monitor.said('stopped')).toHaveLength(1)
    expect(monitor.stderr).toBe('')
  })

  /** With a config that takes something from each package. */
  async function contain(): Promise<Container> {
    await installProgram(root, node, '/usr/local/bin/node')
    await installProgram(root, '/usr/bin/env', '/usr/bin/env')
    prepareRoot(root)
    const [config, data] = [join(place, 'config'), join(place, 'data')]
    mkdirSync(config)
    mkdirSync(data)
    chownSync(data, 1000, 1000)
    writeFileSync(
      join(config, 'uptime.config.ts'),
      configFor(Object.keys(JSON.parse(textOf('docker/package.json')).dependencies)),
    )
    const [user, folder] = ['USER', 'WORKDIR'].map((name) => lastOf(final, name)!.text) as [string, string]
    const variables = lastOf(final, 'ENV')!.words.map((word) => word.split('=') as [string, string])
    const mounts = [
      { at: folder, folder: config, isWritable: false },
      { at: lastOf(final, 'VOLUME')!.text, folder: data, isWritable: true },
    ]
    const words = [...lastOf(final, 'ENTRYPOINT')!.words, ...lastOf(final, 'CMD')!.words]
    return new Container({ root, mounts, user, folder, env: Object.fromEntries(variables) }, words)
  }
})

function configFor(packages: readonly string[]): string {
  return `
    import { defineConfig, sqliteStorage } from 'uptimeserver'
    ${packages.map((name, index) => `import * as package${index} from '${name}'`).join('\n')}
    const packages: readonly object[] = [${packages.map((_, index) => `package${index}`).join(', ')}]
    export default defineConfig({
      every: '500ms',
      storage: sqliteStorage({ path: '/data/uptime.db' }),
      journal: { folder: '/data/journal' },
      services: [{ kind: 'own', name: 'all', async check() { if (packages.length !== ${packages.length}) throw new Error() } }],
    })`
}

describe('docker/compose.yaml', () => {
  afterAll(() => void vi.unstubAllEnvs())

  test('is accepted by Docker Compose', async ({ skip }) => {
    if (!(await hasOrInstalls('docker-compose', ['docker-compose'], 'version')))
      skip('docker-compose is missing; apt-get install docker-compose')
    const { stdout, stderr } = await command('docker-compose', ['config'], { cwd: join(ROOT, 'docker') })
    expect(stderr).toBe('')
    for (const service of ['uptime', 'mongo']) expect(stdout).toMatch(new RegExp(`^ {2}${service}:$`, 'm'))
  }, 300_000)

  test('gives the image its config where it looks, and a place to write where it may', async () => {
    const text = textOf('docker/compose.yaml')
    expect(text).toContain(`./uptime.config.ts:${lastOf(final, 'WORKDIR')!.text}/uptime.config.ts:ro`)
    expect(text).toContain(`journal:${lastOf(final, 'VOLUME')!.text}\n`)
    const [, uri] = /MONGO_URI: (\S+)/.exec(text)!
    vi.stubEnv('MONGO_URI', uri!)
    using project = new Project({ 'uptime.config.ts': textOf('docker/uptime.config.ts') })
    project.usePackages()
    const { code, stderr } = await project.uptime('validate')
    expect([code, stderr]).toEqual([0, ''])
  })
})
