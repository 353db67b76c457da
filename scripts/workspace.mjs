import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/**
 * Runs a command in the workspace and waits for it. Ctrl-C is the command's business: it reaches both, and we wait.
 * @returns {Promise<number>} its exit code
 */
export function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  })
  const wait = () => undefined
  process.on('SIGINT', wait)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait)
      resolve(signal ? 130 : (code ?? 1))
    })
  })
}

/** Like {@link run}, and ends this process when the command fails. */
export async function must(command, args, options) {
  const code = await run(command, args, options)
  if (code !== 0) process.exit(code)
}

/** The package manager that the workspace names, whatever this machine has. */
export const pnpm = (...args) => ['npx', ['--yes', packageManager, ...args]]

/** A tool that the workspace has installed. */
export const bin = (name) => join(root, 'node_modules', '.bin', name)

/**
 * An installation that says little. It asks nobody before it makes node_modules anew, as it must where packages were
 * installed from another store before.
 */
export const installation = (...flags) =>
  pnpm(
    'install',
    ...flags,
    ...['--prefer-offline', '--config.confirm-modules-purge=false'],
    ...['--reporter=append-only', '--loglevel=warn'],
  )

/** Everything that has to be there before anything can run. Quick when it is. */
export async function install() {
  await must(...installation('--frozen-lockfile'))
}
