import type { Range } from '../contracts.js'
import type { Ground, Sums } from './availability.js'
import { measure, measureBoth } from './spans.js'
import type { Stretch } from './stretch.js'

/** A tally as it is stored. */
export type StoredTally = readonly number[]

const ACTIVE = 0
const OBSERVED = 1
const MAINTENANCE = 2
const DOWN = 3
const DOWNTIMES = 4
const LONGEST = 5
/** Of the downtime that was counted last, which may go on where the next stretch begins. */
const LAST = 6
const LAST_MS = 7
/** Of a group's: how far it reached, observed or not. */
const LAST_END = 8
/** How many are stored. */
const SIZE = 9
const FROM = 9
const UNTIL = 10

/**
 * What was counted of one subject in one period so far. It can be put aside and taken up again where it stopped, so that
 * a year need not be read again for each of its days: milliseconds add up exactly, as percentages never do.
 */
export class Tally<Period extends Range = Range> implements Sums {
  readonly period: Period
  /**
   * Side by side in one array: large numbers in fields would be objects of their own, and a year touches millions. It
   * begins with fractions, so that it is an array of bare doubles from the first (a typed array of this size would lie
   * outside of the heap).
   */
  readonly #numbers = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]

  constructor(period: Period, stored: StoredTally = []) {
    this.period = period
    for (let i = 0; i < SIZE; i++) this.#numbers[i] = stored[i] ?? 0
    this.#numbers[FROM] = period.start
    this.#numbers[UNTIL] = period.end
  }

  get activeMs(): number {
    return this.#numbers[ACTIVE]!
  }
  get observedMs(): number {
    return this.#numbers[OBSERVED]!
  }
  get maintenanceMs(): number {
    return this.#numbers[MAINTENANCE]!
  }
  get downMs(): number {
    return this.#numbers[DOWN]!
  }
  get downtimes(): number {
    return this.#numbers[DOWNTIMES]!
  }
  get longestMs(): number {
    return this.#numbers[LONGEST]!
  }

  toJSON(): StoredTally {
    return this.#numbers.slice(0, SIZE)
  }

  /** Adds the time of a stretch, as far as it lies in the period. */
  addGround({ active, maintenance, lit, gaps }: Ground, stretch: Stretch): void {
    const numbers = this.#numbers
    const from = Math.max(stretch.from, this.period.start)
    const until = Math.min(stretch.until, this.period.end)
    numbers[ACTIVE]! += measure(active, from, until)
    numbers[OBSERVED]! += measure(lit, from, until) - measureBoth(lit, gaps, from, until)
    numbers[MAINTENANCE]! += measure(maintenance, from, until)
  }

  /**
   * Adds observed downtime, as far as it lies in the period, in order of time.
   *
   * @param downtime when the downtime began that this is a part of: its parts count as one
   * @returns whether any of it does
   */
  addDown(downtime: number, from: number, until: number): boolean {
    const numbers = this.#numbers
    const start = Math.max(from, numbers[FROM]!)
    const end = Math.min(until, numbers[UNTIL]!)
    if (start >= end) return false
    const isPart = downtime === numbers[LAST] && numbers[DOWNTIMES]! > 0
    const ms = end - start
    const whole = isPart ? numbers[LAST_MS]! + ms : ms
    if (!isPart) numbers[DOWNTIMES]!++
    numbers[LAST] = downtime
    numbers[LAST_MS] = whole
    numbers[DOWN]! += ms
    if (whole > numbers[LONGEST]!) numbers[LONGEST] = whole
    return true
  }

  /**
   * Adds a part of what is a downtime as a whole, `[start, end)`, although nobody stated it as one. It goes on with what was
   * counted last where that reached it.
   */
  extendDown(start: number, end: number, from: number, until: number): void {
    const numbers = this.#numbers
    const goesOn = numbers[DOWNTIMES]! > 0 && start <= numbers[LAST_END]!
    const counts = this.addDown(goesOn ? numbers[LAST]! : start, from, until)
    if (counts) numbers[LAST_END] = Math.max(numbers[LAST_END]!, end)
  }
}
