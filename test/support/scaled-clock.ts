import type { Clock } from '@uptimeserver/core'

/**
 * The machine's clock, so many times as fast. Timers are the machine's own, in whole milliseconds of real time.
 *
 * @example
 * const runner = createRunner(config, { clock: new ScaledClock(100) })
 */
export class ScaledClock implements Clock {
  readonly #start: number
  #factor: number
  /** What had passed when it got its present pace, and when that was. */
  #passed = 0
  #since = performance.now()
  #pending = 0

  /**
   * @param factor how many times as fast, above 0
   * @param start the wall time it begins at, in ms since the epoch
   */
  constructor(factor: number, start = Date.now()) {
    this.#factor = factor
    this.#start = start
  }

  now(): number {
    return Math.floor(this.#start + this.monotonic())
  }

  monotonic(): number {
    return this.#passed + (performance.now() - this.#since) * this.#factor
  }

  /** Goes on at another pace. Timers that are pending ring as early as they would have. */
  pace(factor: number): void {
    this.#passed = this.monotonic()
    this.#since = performance.now()
    this.#factor = factor
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#pending
  }

  timer(callback: () => void, ms: number): () => void {
    let isPending = true
    const end = () => {
      if (isPending) this.#pending--
      isPending = false
    }
    const ring = () => {
      end()
      callback()
    }
    this.#pending++
    const handle = setTimeout(ring, Math.ceil(ms / this.#factor))
    return () => {
      end()
      clearTimeout(handle)
    }
  }
}
