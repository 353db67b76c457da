import type { Clock } from '../contracts.js'

/** Lets one wait for whatever has happened since it looked last. */
export class News {
  #isThere = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  /** @param signal an end of waiting, too */
  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', this.tell, { once: true })
    if (signal.aborted) this.tell()
  }

  readonly tell = (): void => {
    this.#isThere = true
    this.#wake?.()
  }

  /** The first failure counts. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= { error }
    this.tell()
  }

  /**
   * Waits for news.
   *
   * @throws what {@link fail} was told
   */
  async next(): Promise<void> {
    await this.#wait()
    this.#take()
  }

  /**
   * The same, `ms` at most. Returns whether there are any.
   *
   * @throws what {@link fail} was told
   */
  async nextWithin(clock: Clock, ms: number): Promise<boolean> {
    const cancel = clock.timer(() => this.#wake?.(), ms)
    await this.#wait()
    cancel()
    return this.#take()
  }

  async #wait(): Promise<void> {
    if (!this.#isThere)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }

  #take(): boolean {
    const isThere = this.#isThere
    this.#isThere = false
    if (this.#failure) throw this.#failure.error
    return isThere
  }
}
