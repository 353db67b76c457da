// node test/nightly/rounds.mjs
// Crashes, fail points, takeovers, disks and clocks of real processes, ten times as often as everybody waits for.
import { runTests } from './support/tests.mjs'

const FILES = ['crashes', 'failpoints', 'takeover', 'disks', 'clocks'].map(
  (name) => `test/e2e/${name}.test.ts`,
)

await runTests(['--project', 'e2e', ...FILES], { UPTIME_TEST_ROUNDS: '10' })
