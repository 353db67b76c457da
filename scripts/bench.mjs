// pnpm bench: builds, then measures. Takes some twenty minutes; --quick for a first impression.
import { must, pnpm } from './workspace.mjs'

await must(...pnpm('--silent', 'run', 'build:js'), { stdio: ['ignore', 'ignore', 'inherit'] })
await must('node', ['test/bench/run.mjs', ...process.argv.slice(2)])
