import { UptimeError } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { addToManifest, isDeclared, MANIFEST, PACKAGE } from '../manifest.js'
import { warn } from '../output.js'
import { CONFIG, configsHere, writeConfig } from '../starter-config.js'
import { dim, green } from '../ui/colors.js'
import type { Cell } from '../ui/line.js'
import { printLine } from '../ui/print.js'

export interface InitOptions {
  readonly name?: string
  readonly url?: string
  readonly force?: boolean
}

interface First {
  readonly name: string
  readonly url: string
}

/** `uptime init`: writes a config that runs at once. In a terminal it asks for what is not given. */
export async function init(options: InitOptions): Promise<void> {
  const others = configsHere().filter((name) => name !== CONFIG)
  if (!options.force) insistOnNone()
  const declared = isDeclared()
  const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
  const first = isTerminal ? await (await import('../ui/ask.js')).askForService(options) : fromFlags(options)
  insistOnGood(first)
  const adds = !declared && isTerminal && (await (await import('../ui/ask.js')).askToAdd(MANIFEST))
  writeConfig(first, options.force)
  printLine(green('wrote'), ` ${CONFIG}`)
  for (const other of others) warn(`${other} is not read any more: ${CONFIG} comes before it`)
  if (adds) addToManifest()
  if (adds) printLine(green('added'), ` ${PACKAGE} to ${MANIFEST}`)
  for (const line of ['', 'Next:', ...nextSteps(declared, adds)]) printLine(line)
}

/** Any of the names: a config that is written beside another one takes its place without a word. */
function insistOnNone(): void {
  const [found] = configsHere()
  if (!found) return
  const way = found === CONFIG ? 'overwrites it' : `writes ${CONFIG}, which is then read in its place`
  throw new UptimeError('CONFIG_INVALID', `${found} exists already; --force ${way}`)
}

function fromFlags({ name, url }: InitOptions): First {
  const missing = [name ? '' : '--name', url ? '' : '--url'].filter(Boolean).join(' and ')
  if (name && url) return { name, url }
  const example = 'npx uptimeserver init --name shop --url https://example.com/health'
  throw new UptimeError('CONFIG_INVALID', `init needs ${missing} where it cannot ask: ${example}`)
}

/** What is written must run: the check itself says whether it likes the options. */
function insistOnGood({ name, url }: First): void {
  const problem = http(url, { name }).problems?.[0]
  if (!problem) return
  throw new UptimeError(
    'CONFIG_INVALID',
    `--${problem.path}: found ${problem.found}, expected ${problem.expected}`,
  )
}

function nextSteps(isInstalled: boolean, wasAdded: boolean): Cell[] {
  if (wasAdded) return ['  npm install', '  npx uptime']
  if (isInstalled) return ['  npx uptime']
  return [`  npm i -D ${PACKAGE}`, '  npx uptime', dim(`  (or, without installing: npx ${PACKAGE})`)]
}
