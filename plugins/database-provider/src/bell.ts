import { type Clock, sleep } from '@uptimeserver/core'

/** Tells one who waits that there is something to read, or that nothing will come any more. */
export class Bell {
  #hasRung = false
  #failure: { readonly error: unknown } | undefined
  #wake = new AbortController()

  readonly ring = (): void => {
    this.#hasRung = true
    this.#wake.abort()
  }

  /** The first failure counts. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= { error }
    this.#wake.abort()
  }

  /**
   * Waits so many ms at most. Whether it has rung since it was waited for last.
   *
   * @throws what {@link fail} was told
   */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    const stop = () => this.#wake.abort()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await sleep(clock, ms, this.#wake.signal)
    signal.removeEventListener('abort', stop)
    if (this.#failure) throw this.#failure.error
    const hasRung = this.#hasRung
    this.#hasRung = false
    this.#wake = new AbortController()
    return hasRung
  }
}
