import { setImmediate as turn } from 'node:timers/promises'

/** How long work may keep the loop to itself, in ms. */
const STINT = 3

/** Long work on a loop that it shares with checks: every few milliseconds they have their turn. */
export class Pace {
  readonly #signal: AbortSignal
  #since = performance.now()

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Whether it is time to {@link rest}. To be asked often: an `await` for each of a million pieces would cost more than they do. */
  get isDue(): boolean {
    return performance.now() - this.#since > STINT
  }

  /** Lets others have their turn, and ends the work when its signal says so. */
  async rest(): Promise<void> {
    await turn()
    this.#signal.throwIfAborted()
    this.#since = performance.now()
  }
}
