import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type ConfigInput,
  messageOf,
  type ResolvedConfig,
  resolveConfig,
  UptimeError,
} from '@uptimeserver/core'
import type { Jiti } from 'jiti'
import { cacheIn } from './config-cache.js'
import { withDefaultStorage } from './default-storage.js'
import { patiently } from './patience.js'
import { requireCommonJs } from './require.js'

/** What a config may be called; the first one that is there is taken. */
export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `uptime.config.${extension}`)

export interface Loaded {
  readonly path: string
  /** The folder that relative paths in the config stand for. */
  readonly folder: string
  readonly input: ConfigInput
}

/**
 * Finds and loads the config: the file that is named, or the nearest `uptime.config.*` up to the project's root.
 *
 * @param isAgain whether this process has loaded it before; Node keeps what it has imported
 * @throws UptimeError `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE`
 */
export async function loadConfig(named: string | undefined, isAgain = false): Promise<Loaded> {
  const path = named ? resolve(named) : await find()
  if (!existsSync(path))
    throw new UptimeError('CONFIG_NOT_FOUND', `there is no file ${show(path)}; check --config`)
  const { exported } = await load(path, isAgain)
  return { path, folder: dirname(path), input: withDefaultStorage(exported) }
}

/** Loads and checks the config. @throws UptimeError also `CONFIG_INVALID`, with the file's name in front. */
export async function loadResolved(
  named: string | undefined,
): Promise<Loaded & { readonly config: ResolvedConfig }> {
  const loaded = await loadConfig(named)
  try {
    return { ...loaded, config: await resolveConfig(loaded.input) }
  } catch (error) {
    throw inFile(error, loaded.path)
  }
}

/** The same error, saying which file it is about. */
export function inFile(error: unknown, path: string): unknown {
  const isOurs = error instanceof UptimeError && error.code.startsWith('CONFIG_')
  if (!isOurs) return error
  const { code, message, problems } = error
  return new UptimeError(code, `${show(path)}: ${message}`, { cause: error.cause, problems })
}

async function find(): Promise<string> {
  const { cosmiconfig } = requireCommonJs<typeof import('cosmiconfig')>('cosmiconfig')
  const explorer = cosmiconfig('uptime', {
    searchPlaces: CONFIG_NAMES,
    searchStrategy: 'project',
    loaders: Object.fromEntries(
      ['.ts', '.mts', '.js', '.mjs'].map((extension) => [extension, (path: string) => path]),
    ),
  })
  const found = await explorer.search()
  if (found) return found.filepath
  const mend = 'write one with `npx uptimeserver init`, or name it with --config'
  throw new UptimeError(
    'CONFIG_NOT_FOUND',
    `no ${CONFIG_NAMES[0]} (or .mts, .js, .mjs) here or above; ${mend}`,
  )
}

/** In an object, because a promise that is exported must not be waited for here. */
async function load(path: string, isAgain: boolean): Promise<{ readonly exported: ConfigInput }> {
  const { createJiti } = requireCommonJs<typeof import('jiti')>('jiti')
  const jiti = createJiti(path, {
    moduleCache: false,
    interopDefault: false,
    fsCache: cacheIn(nearest(dirname(path), 'node_modules')),
    alias: aliasFor(path),
  })
  const module = await importConfig(path, () => (isAgain ? evaluate(jiti, path) : jiti.import(path)))
  if (module.default !== undefined) return { exported: module.default as ConfigInput }
  const names = Object.keys(module).join(', ')
  const found = names ? `exports only ${names}` : 'exports nothing'
  throw new UptimeError(
    'CONFIG_INVALID',
    `${show(path)}: it ${found}; write \`export default defineConfig({ … })\``,
  )
}

type Module = { default?: unknown }

async function evaluate(jiti: Jiti, path: string): Promise<Module> {
  const source = await readFile(path, 'utf8')
  const options = { filename: path, ext: extname(path), async: true, forceTranspile: true }
  return jiti.evalModule(source, options) as Promise<Module>
}

async function importConfig(path: string, read: () => unknown): Promise<Module> {
  const unreadable = (why: string, cause?: unknown) =>
    new UptimeError('CONFIG_UNREADABLE', `${show(path)} cannot be loaded: ${why}`, { cause })
  const imported = (async () => (await read()) as Module)().catch((cause) => {
    throw unreadable(located(cause, path), cause)
  })
  return patiently(imported, (time) =>
    unreadable(`it did not settle within ${time}; is there an await that never ends?`),
  )
}

/** What Node says of a package that is not there; under pnpm's NODE_PATH, of one that is there for others only. */
const NOT_INSTALLED = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'])

function hintFor(error: unknown): string {
  const { code } = (error ?? {}) as { code?: string }
  return NOT_INSTALLED.has(code ?? '') ? '; is it among the dependencies in package.json, and installed?' : ''
}

/** The error's message, and the line in the config that it comes from. */
function located(error: unknown, path: string): string {
  const message = messageOf(error)
    .replaceAll(path, show(path))
    .replace(/^ParseError:\s*/, '')
    .replace(/\s*\n\s*(?=\S+:\d+:\d+)/, '\n    at ')
    .replace(/$/m, hintFor(error))
  const stack = (error as Error | undefined)?.stack ?? ''
  const line = stack.slice(stack.indexOf(path)).match(/^.*?:(\d+):(\d+)/)
  if (!stack.includes(path) || !line || /\(\d+:\d+\)|:\d+:\d+/.test(message)) return message
  return `${message}\n    at ${show(path)}:${line[1]}:${line[2]}`
}

/** A config that runs through npx, where `uptimeserver` is not installed beside it, gets the one that runs it. */
function aliasFor(path: string): Record<string, string> {
  if (nearest(dirname(path), join('node_modules', 'uptimeserver'))) return {}
  return { uptimeserver: fileURLToPath(new URL('./index.js', import.meta.url)) }
}

function nearest(folder: string, name: string): string | undefined {
  const path = join(folder, name)
  if (existsSync(path)) return path
  return dirname(folder) === folder ? undefined : nearest(dirname(folder), name)
}

function show(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}
