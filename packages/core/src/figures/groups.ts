import type { ServiceFacts } from '../contracts.js'
import type { Ground } from './availability.js'
import { addSpan, intersect, type Spans, subtract, unite } from './spans.js'
import type { Stretch } from './stretch.js'
import type { Tally } from './tally.js'

/** What services are grouped by. */
export type GroupBy = 'category' | `label:${string}`

/** What a service's group is called, or `undefined` where it is in none. */
export function groupValue({ category, labels }: ServiceFacts, by: GroupBy): string | undefined {
  return by === 'category' ? category : labels?.[by.slice('label:'.length)]
}

/** The groups that a service is in, as ids that no service has. */
export function groupIds(facts: ServiceFacts, groups: readonly GroupBy[]): string[] {
  return groups.flatMap((by) => {
    const value = groupValue(facts, by)
    return value === undefined ? [] : [`${by}=${value}`]
  })
}

/** How many numbers may wait to be put in order. */
const UNORDERED = 1 << 12

/** A union that spans are added to in no particular order. */
class Union {
  #spans: number[] = []
  #last = 0

  addAll(set: Spans): void {
    for (const moment of set) this.#spans.push(moment)
    if (this.#spans.length >= 2 * this.#last + UNORDERED) this.spans()
  }

  spans(): Spans {
    const old = this.#spans
    const order = Array.from({ length: old.length / 2 }, (_, i) => 2 * i).sort((a, b) => old[a]! - old[b]!)
    this.#spans = []
    for (const i of order) addSpan(this.#spans, old[i]!, old[i + 1]!)
    this.#last = this.#spans.length
    return this.#spans
  }
}

/** How many numbers may be behind before they are let go of. */
const TRIMMED = 1 << 10

/**
 * Services taken as one that is up while all of them are: down where any of them is known to be down, observed where
 * that is so or all of them were observed. One that is in maintenance, or not monitored yet, does not matter.
 */
export class Group {
  /** One for each period that is counted. */
  readonly tallies: readonly Tally[]
  /** What many services share is added once. */
  readonly #seenLit = new Set<Spans>()
  readonly #active = new Union()
  readonly #maintenance = new Union()
  readonly #unobserved = new Union()
  /** What is left of `unobserved` to come across. */
  #dark: Spans = []
  #at = 0
  /** Observed downtime that may still grow. */
  #down: number[] = []
  /** Downtimes of any of them, observed or not: what is one here counts as one. */
  readonly #whole: number[] = []
  #wholeAt = 0
  /** Known downtime of one while another was not observed. */
  readonly #seen: number[] = []

  constructor(tallies: readonly Tally[]) {
    this.tallies = tallies
  }

  addGround({ active, maintenance, lit, gaps }: Ground): void {
    this.#unobserved.addAll(intersect(gaps, lit))
    if (this.#seenLit.has(lit)) return
    this.#seenLit.add(lit)
    this.#active.addAll(active)
    this.#maintenance.addAll(maintenance)
    this.#unobserved.addAll(subtract(active, lit))
  }

  /** Every ground is known; from now on downtime comes. */
  begin(): void {
    this.#dark = this.#unobserved.spans()
  }

  /**
   * Adds observed downtime.
   *
   * @param start when the downtime began that this is a part of; what comes later begins no earlier
   * @param end where it ended, or the counting does
   */
  addDown(start: number, end: number, from: number, until: number): void {
    if (this.#down.length && this.#down[1]! < start) this.#settle(start)
    addSpan(this.#whole, start, end)
    const down = this.#down
    if (down.length && from < down[down.length - 2]!) this.#down = [...unite(down, [from, until])]
    else addSpan(down, from, until)
  }

  /** Counts what it is as a whole. */
  end(stretch: Stretch): void {
    this.#settle(Infinity)
    const active = this.#active.spans()
    const dark = subtract(this.#dark, this.#seen)
    const maintenance = subtract(this.#maintenance.spans(), active)
    const ground = { active, maintenance, lit: subtract(active, dark), gaps: [] }
    for (const tally of this.tallies) tally.addGround(ground, stretch)
  }

  /** Counts the downtime that can grow no more. */
  #settle(from: number): void {
    const down = this.#down
    let i = 0
    for (; i < down.length && down[i + 1]! < from; i += 2) {
      this.#count(down[i]!, down[i + 1]!)
      this.#see(down[i]!, down[i + 1]!)
    }
    if (i < down.length) this.#down = down.slice(i)
    // The usual case, which keeps its memory: setting the length would let go of it.
    else while (down.length) down.pop()
  }

  #count(from: number, until: number): void {
    const whole = this.#whole
    while (whole[this.#wholeAt + 1]! < until) this.#wholeAt += 2
    const [start, end] = [whole[this.#wholeAt]!, whole[this.#wholeAt + 1]!]
    for (const tally of this.tallies) tally.extendDown(start, end, from, until)
    if (this.#wholeAt < TRIMMED) return
    whole.splice(0, this.#wholeAt)
    this.#wholeAt = 0
  }

  #see(start: number, end: number): void {
    const dark = this.#dark
    while (this.#at < dark.length && dark[this.#at + 1]! <= start) this.#at += 2
    for (let i = this.#at; i < dark.length && dark[i]! < end; i += 2)
      this.#seen.push(Math.max(dark[i]!, start), Math.min(dark[i + 1]!, end))
  }
}
