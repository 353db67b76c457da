import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const packed = join(root, 'node_modules', '.packed')
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  packageManager: string
}

/** Tarballs as they would be published, by package name. `npm test` packs them before. */
const tarballs = Object.fromEntries(
  readdirSync(packed).map((file) => {
    const name = file.replace(/-\d+\.\d+\.\d+.*\.tgz$/, '').replace(/^uptimeserver-/, '@uptimeserver/')
    return [name, join(packed, file)]
  }),
)

const shop = createServer((_, response) => response.end('open'))
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
})
afterAll(() => void shop.close())

for (const manager of ['npm', 'pnpm'] as const) {
  describe(`installed with ${manager} in an empty folder`, () => {
    const folder = mkdtempSync(join(tmpdir(), `uptime-${manager}-`))
    const inFolder = (command: string, ...args: string[]) =>
      run(command, args, { cwd: folder, timeout: 120_000 })
    const npx = (...args: string[]) =>
      manager === 'npm'
        ? inFolder('npx', '--no-install', ...args)
        : inFolder('npx', '--yes', packageManager, 'exec', ...args)

    beforeAll(async () => {
      const file = (name: string) => `file:${tarballs[name]}`
      if (manager === 'npm') {
        const names = [
          'uptimeserver',
          '@uptimeserver/core',
          '@uptimeserver/http',
          '@uptimeserver/sqlite-storage',
        ]
        writeFileSync(join(folder, 'package.json'), '{ "private": true }')
        await inFolder(
          'npm',
          'install',
          '--save-dev',
          '--no-audit',
          '--no-fund',
          ...names.map((name) => tarballs[name]!),
        )
      } else {
        const overrides = Object.fromEntries(Object.keys(tarballs).map((name) => [name, file(name)]))
        const manifest = {
          private: true,
          devDependencies: { uptimeserver: file('uptimeserver') },
          pnpm: { overrides },
        }
        writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
        await inFolder('npx', '--yes', packageManager, 'install', '--prefer-offline')
      }
    }, 180_000)
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test('init, check and run work, types included', async () => {
      const { stdout } = await npx('uptime', 'init', '--name', 'shop', '--url', url)
      expect(stdout).toContain('wrote uptime.config.ts')
      expect(JSON.parse((await npx('uptime', 'check', '--json')).stdout)).toMatchObject([
        { name: 'shop', status: 'up' },
      ])
      const tsc = join(root, 'node_modules', '.bin', 'tsc')
      const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023']
      await inFolder(tsc, ...flags, 'uptime.config.ts').catch((error) => expect.fail(error.stdout))
    }, 120_000)

    test('the monitor runs until a signal and leaves a record', async () => {
      const bin = join(folder, 'node_modules', '.bin', 'uptime')
      const child = execFile(bin, ['--log', 'json'], { cwd: folder })
      const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
      await new Promise<void>((resolve, reject) => {
        let out = ''
        child.stdout!.on('data', (chunk) => {
          out += chunk
          if (out.includes('"to":"up"')) resolve()
        })
        child.on('exit', () => reject(new Error(out)))
      })
      child.kill('SIGINT')
      expect(await ended).toBe(0)
      expect(readdirSync(folder)).toContain('uptime.db')
      expect(JSON.parse((await npx('uptime', 'status', '--json')).stdout)).toMatchObject([
        { name: 'shop', status: 'unknown' },
      ])
    }, 120_000)

    if (manager === 'pnpm') {
      test('only what is declared can be imported', async () => {
        writeFileSync(
          join(folder, 'undeclared.config.ts'),
          `import { http } from '@uptimeserver/http'\nexport default { services: [http('${url}')] }`,
        )
        const failed = await npx('uptime', 'check', '--config', 'undeclared.config.ts').catch(
          (error) => error,
        )
        expect(failed.code).toBe(2)
        expect(failed.stderr).toMatch(
          /^error undeclared\.config\.ts cannot be loaded: .*@uptimeserver\/http.*; is it among the dependencies/m,
        )
      }, 120_000)
    }
  })
}

test('a package holds what it needs and nothing else', async () => {
  for (const [name, tarball] of Object.entries(tarballs)) {
    const { stdout } = await run('tar', ['-tzf', tarball])
    const files = stdout
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, ''))
    expect(files, name).toContain('LICENSE')
    expect(files, name).toContain('README.md')
    expect(
      files.filter(
        (file) => !/^(bin\/|dist\/|docs\/[\w-]+\.md$|package\.json$|README\.md$|LICENSE$)/.test(file),
      ),
      name,
    ).toEqual([])
    const manifest = (await run('tar', ['-xzOf', tarball, 'package/package.json'])).stdout
    expect(manifest, name).not.toContain('workspace:')
  }
})
