import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { alone } from './cache.js'

const run = promisify(execFile)

/** Runs a command to its end. What it says is shown when it fails. */
export async function command(
  name: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  try {
    return await run(name, [...args], { maxBuffer: 64 * 1_048_576, ...options })
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as { stdout?: string; stderr?: string; message: string }
    throw new Error(`${name} ${args.join(' ')} failed: ${message}\n${stdout}\n${stderr}`)
  }
}

/** Whether a command is there and answers. */
export async function has(name: string, ...args: readonly string[]): Promise<boolean> {
  try {
    await run(name, args.length ? [...args] : ['--version'])
    return true
  } catch {
    return false
  }
}

const isRoot = process.getuid?.() === 0

let updated: Promise<unknown> | undefined

/** Installs Debian packages where that is possible: as root on Debian. Returns whether the command is there. */
export async function hasOrInstalls(
  name: string,
  packages: readonly string[],
  ...args: readonly string[]
): Promise<boolean> {
  if (await has(name, ...args)) return true
  if (!isRoot || !(await has('apt-get'))) return false
  await alone('apt', () => install(packages))
  return has(name, ...args)
}

async function install(packages: readonly string[]): Promise<void> {
  updated ??= command('apt-get', ['update', '-qq'])
  await updated
  // Killed halfway it would leave the system's packages broken, so it outlives us. Others may be installing, too.
  const line = [
    ...['apt-get', 'install', '-y', '-qq', '--no-install-recommends'],
    ...['-o', 'DPkg::Lock::Timeout=300'],
  ]
  await command('setsid', ['--wait', ...line, ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** What keeps a server from being had here, and the command that mends it. */
export class Unavailable extends Error {
  constructor(what: string, mend: string) {
    super(`${what}; ${mend}`)
  }
}
