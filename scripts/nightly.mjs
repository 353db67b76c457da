// pnpm test:nightly [--minutes 10]: what takes too long for npm test. Builds, then runs every file in test/nightly, one after
// the other.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { must, pnpm, root, run } from './workspace.mjs'

const folder = join(root, 'test/nightly')

await must(...pnpm('--silent', 'run', 'build:js'), { stdio: ['ignore', 'ignore', 'inherit'] })
const failed = []
for (const file of readdirSync(folder).filter((name) => name.endsWith('.mjs'))) {
  console.log(`\n── ${file} ──`)
  if (await run('node', [join(folder, file), ...process.argv.slice(2)])) failed.push(file)
}
console.log(failed.length ? `\nFailed: ${failed.join(', ')}.` : '\nAll green.')
process.exitCode = failed.length ? 1 : 0
