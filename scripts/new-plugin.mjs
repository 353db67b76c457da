// pnpm new:plugin <name>: writes plugins/<name> from plugin-template, links it, builds it, and says what comes next.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { bin, installation, pnpm, root, run } from './workspace.mjs'

const template = join(root, 'scripts', 'plugin-template')
const files = readdirSync(template, { recursive: true }).filter((file) =>
  statSync(join(template, file)).isFile(),
)
const textOf = (file) => readFileSync(join(template, file), 'utf8')

const [name = '', ...others] = process.argv.slice(2)
const factory = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
const folder = join(root, 'plugins', name)

const problem = problemWithName()
if (problem) fail(`${problem}\nUsage: pnpm new:plugin <name>, such as: pnpm new:plugin hello`, 2)
write()
depend()
console.log(`plugins/${name} is written; linking and building it …`)
for (const step of steps()) await take(step)
console.log(whatNext())

function problemWithName() {
  if (!name || others.length) return 'expected one name'
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 50)
    return `found ${JSON.stringify(name)}, expected lower-case words with dashes, up to 50 characters`
  const home = ['plugins', 'packages'].find((parent) => existsSync(join(root, parent, name)))
  if (home) return `${home}/${name} exists already; nothing was touched`
  const obstacle = obstacleTo(factory)
  if (obstacle) return `"${name}" would make the function ${factory}(), ${obstacle}; "${name}-check" will do`
}

/** What keeps a factory from being called so. */
function obstacleTo(word) {
  if (isReserved(word)) return 'a word that JavaScript reserves'
  if (Object.hasOwn(globalThis, word)) return 'which hides the global of that name from every config'
  if (usedByTemplate(word)) return 'a name that the template uses for something else'
}

/** Asks the parser, which knows them all; strict and asynchronous, as modules are. */
function isReserved(word) {
  try {
    new Script(`'use strict'; async () => { const ${word} = 0 }`)
    return false
  } catch {
    return true
  }
}

function usedByTemplate(word) {
  const code = files.filter((file) => file.endsWith('.ts')).map(textOf)
  const bare = code.join('\n').replace(/\/\*.*?\*\/|\/\/[^\n]*|'.*?'|`.*?`/gs, '')
  return new RegExp(`(?<![.\\w])${word}(?![\\w:])`).test(bare)
}

function write() {
  const { version, dependencies } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'))
  const Factory = factory[0].toUpperCase() + factory.slice(1)
  const values = { name, factory, Factory, version, valibot: dependencies.valibot }
  const fill = (text) => text.replace(/__([a-zA-Z]+)__/g, (_, key) => values[key])
  // Not recursive: it fails where the folder has come into being meanwhile.
  mkdirSync(folder)
  for (const file of files) {
    const path = join(folder, fill(file))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, fill(textOf(file)))
  }
}

/** The workspace depends on every package of its own, so that each can be imported everywhere in it. */
function depend() {
  const path = join(root, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  const all = { ...manifest.devDependencies, [`@uptimeserver/${name}`]: 'workspace:*' }
  manifest.devDependencies = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`)
}

function steps() {
  const isBuilt = ['core', 'testing', 'cli'].every((name) =>
    existsSync(join(root, 'packages', name, 'dist/index.d.ts')),
  )
  const what = isBuilt ? `@uptimeserver/${name}` : `@uptimeserver/${name}...`
  return [
    installation('--no-frozen-lockfile'),
    // The order of imports and the length of lines depend on the name.
    [bin('biome'), ['check', '--write', folder]],
    pnpm('--silent', '--filter', what, 'run', 'build', '--silent'),
  ]
}

async function take([command, args]) {
  if ((await run(command, args)) === 0) return
  const line = [command, ...args].join(' ')
  fail(
    `This failed: ${line}\nMend it and run it again; or remove plugins/${name} and its line in package.json.`,
    1,
  )
}

function whatNext() {
  const config = readFileSync(join(folder, 'uptime.config.ts'), 'utf8').replace(/^(?=.)/gm, '  ')
  return `
@uptimeserver/${name} is ready, and among the devDependencies of the workspace. For now it checks how a server
greets; src/index.ts is yours to change.

Test it:   npx vitest run plugins/${name}
Use it:    cd plugins/${name} && npx uptime check
Build it:  pnpm --filter @uptimeserver/${name} build     (after every change, before the other two)

Its uptime.config.ts works anywhere in the workspace:

${config}`
}

function fail(message, code) {
  console.error(message)
  process.exit(code)
}
