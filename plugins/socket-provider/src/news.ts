/** Lets one wait for whatever has happened since it looked last. */
export class News {
  #isThere = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  /** @param signal an end of waiting, too */
  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', this.tell, { once: true })
  }

  readonly tell = (): void => {
    this.#isThere = true
    this.#wake?.()
  }

  readonly fail = (error: unknown): void => {
    this.#failure ??= { error }
    this.tell()
  }

  /** @throws what {@link fail} was told */
  async next(): Promise<void> {
    if (!this.#isThere)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#isThere = false
    if (this.#failure) throw this.#failure.error
  }
}
