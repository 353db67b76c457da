import type { Clock } from '@uptimeserver/core'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * Time that moves only when told to. Wall and monotonic clock can be moved apart, as they are by a suspend or by
 * somebody who sets the clock.
 *
 * @example
 * const clock = new FakeClock('2026-11-22T12:00:00Z')
 * const runner = createRunner(config, { clock })
 * await runner.start()
 * await clock.advance(60_000)
 */
export class FakeClock implements Clock {
  #wall: number
  #monotonic = 0
  readonly #timers = new Set<Timer>()

  /** @param start the wall time it begins at, ISO 8601 or ms since the epoch */
  constructor(start: string | number = '2026-01-01T00:00:00Z') {
    this.#wall = typeof start === 'number' ? start : Date.parse(start)
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  timer(callback: () => void, ms: number): () => void {
    const timer = { at: this.#monotonic + ms, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many timers are pending: none is left behind by what has ended. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets time pass: everything that is due happens at its moment, and promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settle()
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#move(Math.max(timer.at, this.#monotonic))
      this.#timers.delete(timer)
      timer.callback()
      await settle()
    }
    this.#move(end)
  }

  /** Somebody sets the wall clock, forward or back. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** The machine sleeps: the wall goes on, the monotonic clock stands still, nothing happens. */
  suspend(ms: number): void {
    this.#wall += ms
  }

  /** The process stands still (a blocked loop, SIGSTOP): both clocks go on, and what was due happens late. */
  async stall(ms: number): Promise<void> {
    this.#move(this.#monotonic + ms)
    await this.advance(0)
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (timer.at <= end && (!first || timer.at < first.at)) first = timer
    return first
  }

  #move(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic
    this.#monotonic = monotonic
  }
}

/** Everything that can happen without time passing, happens. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
