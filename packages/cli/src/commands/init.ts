import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { UptimeError } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { printLine } from '../output.js'
import { colors } from '../ui/colors.js'

declare const VERSION: string

export interface InitOptions {
  readonly name?: string
  readonly url?: string
  readonly force?: boolean
}

interface First {
  readonly name: string
  readonly url: string
}

const CONFIG = 'uptime.config.ts'
const MANIFEST = 'package.json'
const PACKAGE = 'uptimeserver'

/** `uptime init`: writes a config that runs at once. In a terminal it asks for what is not given. */
export async function init(options: InitOptions): Promise<void> {
  if (existsSync(CONFIG) && !options.force) {
    throw new UptimeError('CONFIG_INVALID', `${CONFIG} exists already; --force overwrites it`)
  }
  const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
  const first = isTerminal ? await (await import('../ui/ask.js')).askForService(options) : fromFlags(options)
  insist(first)
  const adds = !isDeclared() && isTerminal && (await (await import('../ui/ask.js')).askToAdd(MANIFEST))
  writeFileSync(CONFIG, configFor(first))
  printLine(`${colors.green('wrote')} ${CONFIG}`)
  if (adds) addToManifest()
  printLine(`\nNext:\n${nextSteps(adds).join('\n')}`)
}

function fromFlags({ name, url }: InitOptions): First {
  const missing = [name ? '' : '--name', url ? '' : '--url'].filter(Boolean).join(' and ')
  if (name && url) return { name, url }
  const example = 'npx uptimeserver init --name shop --url https://example.com/health'
  throw new UptimeError('CONFIG_INVALID', `init needs ${missing} where it cannot ask: ${example}`)
}

/** What is written must run: the check itself says whether it likes the options. */
function insist({ name, url }: First): void {
  const problem = http(url, { name }).problems?.[0]
  if (!problem) return
  throw new UptimeError(
    'CONFIG_INVALID',
    `--${problem.path}: found ${problem.found}, expected ${problem.expected}`,
  )
}

function configFor({ name, url }: First): string {
  return `import { defineConfig, http } from '${PACKAGE}'

export default defineConfig({
  every: '60s',
  services: [http(${quote(url)}, { name: ${quote(name)} })],
})
`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

function readManifest(): { text: string; manifest: Manifest } {
  const text = existsSync(MANIFEST) ? readFileSync(MANIFEST, 'utf8') : '{\n  "private": true\n}\n'
  return { text, manifest: JSON.parse(text) as Manifest }
}

function isDeclared(): boolean {
  const { dependencies, devDependencies } = readManifest().manifest
  return Boolean(dependencies?.[PACKAGE] ?? devDependencies?.[PACKAGE])
}

/** Adds the package, and leaves the file's indentation as it is. */
function addToManifest(): void {
  const { text, manifest } = readManifest()
  manifest.devDependencies = { ...manifest.devDependencies, [PACKAGE]: `^${VERSION}` }
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  '
  writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, indent)}\n`)
  printLine(`${colors.green('added')} ${PACKAGE} to ${MANIFEST}`)
}

function nextSteps(wasAdded: boolean): string[] {
  if (wasAdded) return ['  npm install', '  npx uptime']
  if (isDeclared()) return ['  npx uptime']
  return [`  npm i -D ${PACKAGE}`, '  npx uptime', colors.dim(`  (or, without installing: npx ${PACKAGE})`)]
}
