import type { Ground, Sums } from './availability.js'
import { measure } from './spans.js'

/** A tally as it is stored: the numbers in the order of {@link Tally}, and the downtime that was counted last. */
export type StoredTally = readonly [string, ...number[]]

/**
 * What was counted of one subject in one period so far. It can be put aside and taken up again where it stopped, so that
 * a year need not be read again for each of its days: milliseconds add up exactly, as percentages never do.
 */
export class Tally implements Sums {
  activeMs = 0
  observedMs = 0
  maintenanceMs = 0
  downMs = 0
  downtimes = 0
  longestMs = 0
  /** The downtime that was counted last, which may go on where the next stretch begins. */
  #last = ''
  #lastMs = 0
  #lastEnd = 0

  static from([last, ...numbers]: StoredTally): Tally {
    const tally = new Tally()
    const [active = 0, observed = 0, maintenance = 0, down = 0, downtimes = 0, longest = 0, ...rest] = numbers
    Object.assign(tally, { activeMs: active, observedMs: observed, maintenanceMs: maintenance })
    Object.assign(tally, { downMs: down, downtimes, longestMs: longest })
    tally.#last = last
    tally.#lastMs = rest[0] ?? 0
    tally.#lastEnd = rest[1] ?? 0
    return tally
  }

  toJSON(): StoredTally {
    const { activeMs, observedMs, maintenanceMs, downMs, downtimes, longestMs } = this
    const numbers = [activeMs, observedMs, maintenanceMs, downMs, downtimes, longestMs]
    return [this.#last, ...numbers, this.#lastMs, this.#lastEnd]
  }

  /** Adds the time of a stretch. */
  addGround({ active, observed, maintenance }: Ground, from: number, until: number): void {
    this.activeMs += measure(active, from, until)
    this.observedMs += measure(observed, from, until)
    this.maintenanceMs += measure(maintenance, from, until)
  }

  /** Adds observed downtime, in order of time. Parts of one downtime are one; without an id, parts that touch. */
  addDown(id: string, start: number, end: number): void {
    const isSame = this.downtimes > 0 && id === this.#last && (id !== '' || start === this.#lastEnd)
    if (!isSame) this.downtimes++
    this.#lastMs = (isSame ? this.#lastMs : 0) + end - start
    this.#last = id
    this.#lastEnd = end
    this.downMs += end - start
    this.longestMs = Math.max(this.longestMs, this.#lastMs)
  }
}
