// npm start: installs, builds, and runs the playground. Works on a fresh clone.
import { install, must, pnpm, root, run } from './workspace.mjs'

console.log('Setting up …')
await install()
await must(...pnpm('--silent', 'run', 'build:js'))
process.exitCode = await run('node', ['start.mjs', ...process.argv.slice(2)], {
  cwd: `${root}/examples/playground`,
})
