import type { Reporter, TestCase } from 'vitest/node'

/**
 * Says at the end what did not run, so that nothing is skipped in silence. Where nobody reads along (CI=true) that is
 * a failure: there everything has to run.
 */
export default class SkippedReporter implements Reporter {
  /** Tests by why they did not run. */
  readonly #skipped = new Map<string, string[]>()

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state !== 'skipped') return
    const why = result.note ?? 'skipped'
    this.#skipped.set(why, [...(this.#skipped.get(why) ?? []), test.fullName])
  }

  onTestRunEnd(): void {
    if (!this.#skipped.size) return
    const parts = [...this.#skipped].map(([why, tests]) =>
      [`${why}`, ...tests.map((name) => `  - ${name}`)].join('\n'),
    )
    console.error(`\nDid NOT run:\n\n${parts.join('\n\n')}\n`)
    if (process.env.CI === 'true') process.exitCode = 1
  }
}
