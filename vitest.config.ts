import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import SlowestLast from './test/support/slowest-last.ts'

/** Each package is a project; `test/` holds what crosses packages. Tests run on what `pnpm build` made. */
export default defineConfig({
  test: {
    // Tests wait more than they work, so two at a time suit a machine of two cores, too.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './test/support/skipped.ts'],
    sequence: { sequencer: SlowestLast },
    projects: [
      { test: { name: 'core', include: ['packages/core/test/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'testing', include: ['packages/testing/test/**/*.test.ts'] } },
      { test: { name: 'cli', include: ['packages/cli/test/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'plugins', include: ['plugins/*/test/**/*.test.ts'] } },
      { test: { name: 'e2e', include: ['test/**/*.test.ts'], testTimeout: 60_000 } },
    ],
  },
})
