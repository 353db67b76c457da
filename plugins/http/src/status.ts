/** A status code, all of a class (`'2xx'`), or a range (`'200-299'`). */
export type StatusPattern = number | `${1 | 2 | 3 | 4 | 5}xx` | `${number}-${number}`

export const STATUS_EXPECTED = `a status such as 200, '2xx', '200-299', or a list of such`

export function isStatusPattern(value: unknown): value is StatusPattern {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 100 && value <= 599
  if (typeof value !== 'string') return false
  if (/^[1-5]xx$/.test(value)) return true
  const [from, to] = rangeOf(value)
  return from >= 100 && to <= 599 && from <= to
}

/** Whether a status is one of those that are expected. */
export function matchesStatus(status: number, expected: StatusPattern | readonly StatusPattern[]): boolean {
  if (typeof expected === 'object') return expected.some((pattern) => matchesStatus(status, pattern))
  if (typeof expected === 'number') return status === expected
  if (expected.endsWith('xx')) return Math.floor(status / 100) === Number(expected[0])
  const [from, to] = rangeOf(expected)
  return status >= from && status <= to
}

/** As it is shown: `200`, `2xx`, `200 or 204`. */
export function formatStatus(expected: StatusPattern | readonly StatusPattern[]): string {
  return typeof expected === 'object' ? expected.join(' or ') : String(expected)
}

function rangeOf(pattern: string): [number, number] {
  const match = /^(\d{3})-(\d{3})$/.exec(pattern)
  return match ? [Number(match[1]), Number(match[2])] : [Number.NaN, Number.NaN]
}
