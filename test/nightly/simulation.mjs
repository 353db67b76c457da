// node test/nightly/simulation.mjs
// The simulation from other seeds than everybody's, and for longer; what fails prints its seed.
import { runTests } from './support/tests.mjs'

const FILES = ['few', 'many'].map((name) => `packages/core/test/model-${name}.test.ts`)

await runTests(['--project', 'core', ...FILES, '-t', 'scripts'], {
  UPTIME_TEST_SEED: 'random',
  UPTIME_TEST_SEEDS: '200',
})
