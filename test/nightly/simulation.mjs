// node test/nightly/simulation.mjs
// The simulation from other seeds than everybody's, and for longer; what fails prints its seed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const FILES = ['few', 'many'].map((name) => `packages/core/test/model-${name}.test.ts`)
const root = join(import.meta.dirname, '../..')
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

const child = spawn(process.execPath, [vitest, 'run', '--project', 'core', ...FILES, '-t', 'scripts'], {
  cwd: root,
  env: { UPTIME_TEST_SEED: 'random', UPTIME_TEST_SEEDS: '200', ...process.env },
  stdio: 'inherit',
})
const [code] = await once(child, 'exit')
process.exitCode = code ?? 1
