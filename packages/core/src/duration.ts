/** A length of time: `'500ms'`, `'5s'`, `'10m'`, `'2h'`, `'1d'`, `'2y'` (of 365 days), or a number of milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'y'}`

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 31_536_000_000 } as const

/** What a message says when something else stands where a duration should. */
export const DURATION_EXPECTED = `a duration such as '500ms', '5s', '10m', '2h', '1d', or a number of milliseconds`

/**
 * The milliseconds of a duration, or `undefined` where it is none. Fractions are rounded to whole milliseconds.
 *
 * @example
 * parseDuration('1.5s') // 1500
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined
  if (typeof value !== 'string') return undefined
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|y)$/.exec(value)
  return match ? Math.round(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]) : undefined
}

/**
 * Milliseconds as people read them, in at most two units: `850ms`, `2.5s`, `3m 20s`, `4h 5m`, `12d 3h`.
 * Cut, never rounded up.
 */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1_000) return `${Math.floor(ms)}ms`
  if (ms < 60_000) return `${Math.floor(ms / 100) / 10}s`
  for (const [big, small] of [
    ['d', 'h'],
    ['h', 'm'],
  ] as const) {
    if (ms >= UNITS[big]) return twoUnits(ms, big, small)
  }
  return twoUnits(ms, 'm', 's')
}

function twoUnits(ms: number, big: keyof typeof UNITS, small: keyof typeof UNITS): string {
  const rest = Math.floor((ms % UNITS[big]) / UNITS[small])
  return `${Math.floor(ms / UNITS[big])}${big}${rest ? ` ${rest}${small}` : ''}`
}
