import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

interface Package {
  readonly name: string
  readonly folder: string
  readonly kind: 'core' | 'cli' | 'testing' | 'plugin'
  readonly manifest: Record<string, Record<string, string> | undefined>
  readonly files: ReadonlyMap<string, string>
}

function packagesIn(parent: 'packages' | 'plugins'): Package[] {
  return readdirSync(join(root, parent)).map((name) => {
    const folder = join(parent, name)
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const sources = readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
    const files = sources.filter((file) => file.endsWith('.ts'))
    return {
      name: manifest.name,
      folder,
      kind: parent === 'plugins' ? 'plugin' : (name as Package['kind']),
      manifest,
      files: new Map(
        files.map((file) => [
          join(folder, 'src', file),
          readFileSync(join(root, folder, 'src', file), 'utf8'),
        ]),
      ),
    }
  })
}

const packages = [...packagesIn('packages'), ...packagesIn('plugins')]
const plugins = packages.filter(({ kind }) => kind === 'plugin')

const withoutComments = (source: string) => source.replace(/^\s*(\*|\/\/|\/\*).*$/gm, '')

/** What a source imports, statically, dynamically or by require, by package. */
function importsOf(source: string): string[] {
  const specifiers = [
    ...withoutComments(source).matchAll(
      /(?:\bfrom |\bimport\(|\brequire\w*(?:<[^>]*>+)?\()['"]([\w@][\w@/:.-]*)['"]/g,
    ),
  ]
  return specifiers
    .map(([, specifier]) => specifier!)
    .map((specifier) => /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)![1]!)
}

const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name)

test('core knows no vendor: its own helpers and nothing else', () => {
  const allowed = new Set(['@standard-schema/spec', 'croner', 'temporal-polyfill', 'valibot'])
  for (const { kind, files } of packages) {
    if (kind !== 'core') continue
    for (const [file, source] of files) {
      for (const name of importsOf(source))
        expect(isBuiltin(name) || allowed.has(name), `${file} imports ${name}`).toBe(true)
    }
  }
})

/** Two plugins for one vendor share how they speak to it; what ingress discovers is checked by http. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  '@uptimeserver/mongo-storage': ['@uptimeserver/mongo'],
  '@uptimeserver/ingress': ['@uptimeserver/kubernetes', '@uptimeserver/http'],
}

test('a plugin imports core and its own vendor client, never another plugin, the CLI or the tests', () => {
  for (const { files, name: own } of plugins) {
    for (const [file, source] of files) {
      for (const name of importsOf(source)) {
        const isOurs = name === 'uptimeserver' || name.startsWith('@uptimeserver/')
        const allowed = ['@uptimeserver/core', own, ...(SHARED[own] ?? [])]
        expect(!isOurs || allowed.includes(name), `${file} imports ${name}`).toBe(true)
      }
    }
  }
})

test('what is imported is declared', () => {
  for (const { files, manifest, name: own } of packages) {
    const { dependencies, peerDependencies, optionalDependencies } = manifest
    const declared = new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }))
    for (const [file, source] of files) {
      for (const name of importsOf(source)) {
        expect(isBuiltin(name) || name === own || declared.has(name), `${file} imports ${name}`).toBe(true)
      }
    }
  }
})

/** The rooms of core, from the ground up. A file beside them stands on what it imports. */
const ROOMS = ['calendar', 'schema', 'kit', 'figures', 'consolidators', 'monitor', 'reports'] as const

test('in core a room stands on those below it, and never on one above', () => {
  const roomOf = (path: string) => ROOMS.findIndex((room) => path.startsWith(`packages/core/src/${room}/`))
  const core = packages.find(({ kind }) => kind === 'core')!
  for (const room of ROOMS)
    expect([...core.files.keys()].some((file) => file.includes(`/${room}/`))).toBe(true)
  for (const [file, source] of core.files) {
    for (const [, specifier] of withoutComments(source).matchAll(/from '(\.[^']+)'/g)) {
      const target = join(file, '..', specifier!)
      const [from, to] = [roomOf(file), roomOf(target)]
      expect(from < 0 || to <= from, `${file} imports ${target}`).toBe(true)
    }
  }
})

test('core is a peer of every plugin', () => {
  for (const { name, manifest } of plugins) {
    expect(manifest.peerDependencies?.['@uptimeserver/core'], name).toBe('workspace:^')
    expect(manifest.dependencies?.['@uptimeserver/core'], name).toBeUndefined()
  }
})

test('only the CLI ends the process, listens to it, prints, or reads the environment', () => {
  // secret.env() reads the variable that the user named, when it is needed; signal 0 only asks whether a process is there; the
  // others keep a warning from the user.
  const excused: Record<string, RegExp> = {
    'packages/core/src/secret.ts': /process\.env\[name\]/g,
    'packages/core/src/leadership/instance.ts': /process\.kill\(pid, 0\)/g,
    'plugins/kubernetes/src/client/load-client.ts': /process\.emitWarning|\bemitWarning\b/g,
    'plugins/sqlite-storage/src/driver.ts': /process\.emitWarning|\bemitWarning\b/g,
  }
  for (const { kind, files } of packages) {
    if (kind === 'cli') continue
    for (const [file, source] of files) {
      const code = withoutComments(source).replace(excused[file] ?? /$^/, '')
      expect(code, file).not.toMatch(
        /process\.(exit|env|on|once|abort|kill|stdout|stderr|chdir|emitWarning)\b|console\./,
      )
    }
  }
})

test('modules have no side effects: nothing runs at the top level but definitions', () => {
  for (const { kind, files } of packages) {
    for (const [file, source] of files) {
      if (file.endsWith('bin.ts') || file.endsWith('worker.ts')) continue
      const calls = source.split('\n').filter((line) => /^(await |void |for |if |[a-zA-Z_$.]+\()/.test(line))
      expect(calls, `${kind} ${file}`).toEqual([])
    }
  }
})

test('no file is longer than 300 lines, and most are about a hundred', () => {
  const lengths = packages.flatMap(({ files }) =>
    [...files].map(([file, source]) => ({ file, lines: source.split('\n').length })),
  )
  const tooLong = lengths.filter(
    ({ file, lines }) => lines > 300 && !file.endsWith('contracts.ts') && !file.includes('/contracts/'),
  )
  expect(tooLong).toEqual([])
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b)
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(130)
})

test('all public packages carry the same version, licence and engines', () => {
  const manifests = packages.map(
    ({ manifest }) => manifest as unknown as { version: string; license: string; engines: object },
  )
  expect(new Set(manifests.map(({ version }) => version)).size).toBe(1)
  expect(new Set(manifests.map(({ license }) => license))).toEqual(new Set(['Apache-2.0']))
  for (const { engines } of manifests) expect(engines).toEqual({ node: '>=20.19' })
})
