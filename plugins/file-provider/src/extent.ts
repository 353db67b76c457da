/** Deeper than any option is. */
const DEEPEST = 200

/**
 * How many characters values come to when they are written out, with what they share written every time. A few hundred bytes of YAML
 * aliases can come to more than any memory holds; here each is looked at once. What holds itself, or is nested too deeply, has no end.
 */
export class Extent {
  readonly #known = new Map<object, number>()

  of(value: unknown, depth = 0): number {
    if (typeof value === 'string') return value.length + 2
    if (typeof value !== 'object' || value === null) return 1
    if (depth === DEEPEST) return Number.POSITIVE_INFINITY
    const known = this.#known.get(value)
    if (known !== undefined) return known
    this.#known.set(value, Number.POSITIVE_INFINITY)
    let sum = 2
    for (const [key, each] of Object.entries(value)) sum += key.length + this.of(each, depth + 1)
    this.#known.set(value, sum)
    return sum
  }
}
