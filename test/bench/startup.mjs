// From typing `uptime check` to its end, against an empty program run the same way.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './numbers.mjs'

const BIN = join(import.meta.dirname, '../../packages/cli/bin/uptime.js')

export async function startupRows({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
  const server = spawn(process.execPath, [
    '-e',
    `require('http').createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`,
  ])
  const port = Number(await new Promise((resolve) => server.stdout.once('data', resolve)))
  // As in a project with packages installed, where compiled configs are kept.
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(join(folder, 'empty.mjs'), '')
  writeFileSync(
    join(folder, 'uptime.config.ts'),
    `import { defineConfig, http } from 'uptimeserver'\nexport default defineConfig({ services: [http('http://127.0.0.1:${port}/', { name: 'shop' })] })\n`,
  )
  const time = (...args) => {
    const began = performance.now()
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return performance.now() - began
  }
  const [empty, check] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    empty.push(time('empty.mjs'))
    check.push(time(BIN, 'check'))
  }
  server.kill()
  rmSync(folder, { recursive: true })
  const difference = median(check.slice(1).map((ms, index) => ms - empty[index + 1]))
  return [
    {
      what: '`uptime check` of one service, from start to end',
      against: 'an empty program',
      ours: `${median(check.slice(1)).toFixed(0)} ms`,
      theirs: `${median(empty.slice(1)).toFixed(0)} ms`,
      value: Math.round(difference),
      target: 150,
      unit: 'ms more',
    },
  ]
}
