/**
 * A percentage as it may be shown: cut to so many digits, never rounded up, so that 99.9996 is no 100. What is above 0
 * and too small for the digits says so. `null` is shown as `n/a`.
 *
 * @param digits behind the point, 0 to 15. Default 3.
 * @example
 * formatPercent(99.9996) // '99.999'
 * formatPercent(0.0004) // '<0.001'
 */
export function formatPercent(percent: number | null, digits = 3): string {
  if (percent === null) return 'n/a'
  const [whole = '0', fraction = ''] = plain(percent).split('.')
  const shown = digits ? `${whole}.${fraction.slice(0, digits).padEnd(digits, '0')}` : whole
  if (percent > 0 && Number(shown) === 0) return `<${digits ? `0.${'1'.padStart(digits, '0')}` : 1}`
  return shown
}

/** The shortest decimal that is this number, without an exponent: cutting the number itself would make 1.14 of 1.15. */
function plain(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(20) : text
}
