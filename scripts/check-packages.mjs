// Packs every public package as it would be published, and holds it against publint and attw.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bin, must, pnpm, root } from './workspace.mjs'

const packed = join(root, 'node_modules', '.packed')
rmSync(packed, { recursive: true, force: true })
mkdirSync(packed, { recursive: true })

const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }
const isPublic = ['./packages/*', './plugins/*'].flatMap((group) => ['--filter', group])
await must(...pnpm('-r', ...isPublic, 'pack', '--pack-destination', packed), quiet)
for (const tarball of readdirSync(packed)) {
  await must(bin('publint'), ['run', join(packed, tarball), '--strict', '--level', 'suggestion'], quiet)
  await must(bin('attw'), [join(packed, tarball), '--profile', 'esm-only', '--format', 'ascii', '--quiet'])
  console.log(`${tarball}: fit to be published`)
}
