// pnpm test:nodes [version…]: the tests of `npm test`, on other versions of Node. Takes a few minutes for each; run
// `npm test` (or `pnpm build`) before.
import { dirname, join } from 'node:path'
import { must, root, run } from './workspace.mjs'

const VERSIONS = ['20.19', '22.13', '22', '24', '26']
const os = process.platform === 'win32' ? 'win' : process.platform

const asked = process.argv.slice(2)
const failed = []
for (const version of asked.length ? asked : VERSIONS) {
  const node = await get(version)
  console.log(`\n── Node ${version} ──`)
  // First in PATH, so that the commands of packages run on it, too.
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` }
  await must(node, ['--version'])
  if (await run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run'], { env })) failed.push(version)
}
console.log(failed.length ? `\nFailed on Node ${failed.join(', ')}.` : '\nGreen on all of them.')
process.exitCode = failed.length ? 1 : 0

async function get(version) {
  const name = `node-${os}-${process.arch}`
  const prefix = join(root, 'node_modules/.nodes', version)
  await must('npm', [
    'install',
    '--prefix',
    prefix,
    '--no-save',
    '--no-audit',
    '--no-fund',
    `${name}@${version}`,
  ])
  return join(prefix, 'node_modules', name, 'bin', 'node')
}
