const START = Date.parse('2026-01-01T00:00:00Z')

/** When downtimes began and ended, in seconds since a fake clock's start: each service has a phase of its own. */
export function seconds(downtimes: readonly { readonly start: number; readonly end: number | null }[]) {
  return downtimes.map(({ start, end }) => [start, end].map((at) => at && Math.floor((at - START) / 1_000)))
}
