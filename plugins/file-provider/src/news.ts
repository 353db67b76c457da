import { type Clock, sleep } from '@uptimeserver/core'

/** Lets one wait for whatever has happened since it looked last. */
export class News {
  #isThere = false
  #wake = new AbortController()

  readonly tell = (): void => {
    this.#isThere = true
    this.#wake.abort()
  }

  /** Waits for news, at most `ms`, and not longer than the signal. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isThere) await sleep(clock, ms, AbortSignal.any([signal, this.#wake.signal]))
  }

  /** From here on there is none. */
  clear(): void {
    this.#isThere = false
    this.#wake = new AbortController()
  }
}
