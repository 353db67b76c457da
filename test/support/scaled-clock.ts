import type { Clock } from '@uptimeserver/core'

interface Timer {
  /** When it rings, in ms of the monotonic clock. */
  readonly at: number
  readonly callback: () => void
  handle?: NodeJS.Timeout
}

/**
 * The machine's clock, so many times as fast. Timers are the machine's own, in whole milliseconds of real time.
 *
 * @example
 * const runner = createRunner(config, { clock: new ScaledClock(100) })
 */
export class ScaledClock implements Clock {
  readonly #start: number
  readonly #timers = new Set<Timer>()
  #factor: number
  /** What had passed when it got its present pace, and when that was. */
  #passed = 0
  #since = performance.now()

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

  /** Goes on at another pace, above 0. */
  pace(factor: number): void {
    this.#passed = this.monotonic()
    this.#since = performance.now()
    this.#factor = factor
    for (const timer of this.#timers) this.#arm(timer)
  }

  /** How many timers are pending: none is left behind by what has ended. */
  get pending(): number {
    return this.#timers.size
  }

  timer(callback: () => void, ms: number): () => void {
    const timer = { at: this.monotonic() + ms, callback }
    this.#timers.add(timer)
    this.#arm(timer)
    return () => this.#drop(timer)
  }

  #arm(timer: Timer): void {
    clearTimeout(timer.handle)
    const ring = () => {
      this.#drop(timer)
      timer.callback()
    }
    timer.handle = setTimeout(ring, Math.ceil((timer.at - this.monotonic()) / this.#factor))
  }

  #drop(timer: Timer): void {
    clearTimeout(timer.handle)
    this.#timers.delete(timer)
  }
}
