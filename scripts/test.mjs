// npm test: everything that has to hold before a change lands. Works on a fresh clone.
import { bin, install, must, pnpm } from './workspace.mjs'

const began = Date.now()

const STAGES = [
  ['install', install],
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

function seconds(start) {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`
}
