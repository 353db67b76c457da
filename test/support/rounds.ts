/** How many times the rounds that everybody waits for: ten in `pnpm test:nightly`. */
const TIMES = Number(process.env.UPTIME_TEST_ROUNDS ?? 1)

export function rounds(usual: number): number {
  return Math.max(1, Math.round(usual * TIMES))
}

/** What a test may take that has so many rounds, in ms. */
export function patience(usual: number): number {
  return Math.max(1, TIMES) * usual
}
