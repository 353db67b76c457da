/** Longer words are not guessed: that would take long. */
const LONGEST = 60
/** Of so many letters one may be wrong, and always one. */
const LETTERS_A_SLIP = 3

/**
 * The known word that was probably meant, if one is near enough: letters left out, added, changed, or swapped with their
 * neighbours.
 *
 * @example
 * closest('pgae', ['page', 'site']) // 'page'
 * closest('tcp', ['http']) // undefined
 */
export function closest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined
  let meant: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const name of known) {
    const slips = Math.max(1, Math.floor(Math.max(name.length, word.length) / LETTERS_A_SLIP))
    if (Math.abs(name.length - word.length) > slips) continue
    const steps = distance(word.toLowerCase(), name.toLowerCase())
    if (steps <= slips && steps < fewest) [meant, fewest] = [name, steps]
  }
  return meant
}

/** Optimal string alignment (Damerau, Levenshtein: https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance), row by row. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwap ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, change, swap))
    }
    before = row
    row = next
  }
  return row[b.length]!
}
