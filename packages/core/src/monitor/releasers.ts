/** What must be let go of at the end, in reverse order of opening. One that fails keeps none of the others from going. */
export class Releasers {
  readonly #releasers: (() => unknown)[] = []

  add(release: () => unknown): void {
    this.#releasers.push(release)
  }

  /** Lets go of everything. Returns what failed. */
  async releaseAll(): Promise<unknown[]> {
    const errors: unknown[] = []
    for (let release = this.#releasers.pop(); release; release = this.#releasers.pop()) {
      try {
        await release()
      } catch (error) {
        errors.push(error)
      }
    }
    return errors
  }
}
