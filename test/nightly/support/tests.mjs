import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** Runs tests in another way than everybody does; the exit code says how it went. What the environment says beats `settings`. */
export async function runTests(args, settings) {
  const child = spawn(process.execPath, [vitest, 'run', ...args], {
    cwd: root,
    env: { ...settings, ...process.env },
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  process.exitCode = code ?? 1
}
