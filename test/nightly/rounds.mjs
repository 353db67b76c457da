// node test/nightly/rounds.mjs
// Crashes, takeovers, disks and clocks of real processes, ten times as often as everybody waits for.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const FILES = ['crashes', 'takeover', 'disks', 'clocks'].map((name) => `test/e2e/${name}.test.ts`)
const root = join(import.meta.dirname, '../..')
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

const child = spawn(process.execPath, [vitest, 'run', '--project', 'e2e', ...FILES], {
  cwd: root,
  env: { ...process.env, UPTIME_TEST_ROUNDS: process.env.UPTIME_TEST_ROUNDS ?? '10' },
  stdio: 'inherit',
})
const [code] = await once(child, 'exit')
process.exitCode = code ?? 1
