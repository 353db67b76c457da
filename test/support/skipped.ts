import type { Reporter, TestCase } from 'vitest/node'

/**
 * Says at the end what did not run, so that nothing is skipped in silence. Where nobody reads along (CI=true) that is
 * a failure: there everything has to run.
 */
export default class SkippedReporter implements Reporter {
  readonly #skipped: string[] = []

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state === 'skipped')
      this.#skipped.push(`${test.fullName}${result.note ? `: ${result.note}` : ''}`)
  }

  onTestRunEnd(): void {
    if (!this.#skipped.length) return
    console.error(`\nDid NOT run:\n${this.#skipped.map((name) => `  - ${name}`).join('\n')}\n`)
    if (process.env.CI === 'true') process.exitCode = 1
  }
}
