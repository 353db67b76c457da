import type { Pattern } from './pattern.js'

/** What a pattern stands for. A file that is missed stays, until whoever looks at it finds it gone. */
export class Listing {
  readonly #pattern: Pattern
  #known: readonly string[] = []

  constructor(pattern: Pattern) {
    this.#pattern = pattern
  }

  get pattern(): Pattern {
    return this.#pattern
  }

  /** In order; also those that were there last. */
  async look(): Promise<readonly string[]> {
    const found = await this.#pattern.files()
    this.#known = [...new Set([...found, ...this.#known])].sort()
    return this.#known
  }

  drop(path: string): void {
    this.#known = this.#known.filter((each) => each !== path)
  }
}
