import type { Ground } from './availability.js'
import type { ServiceFacts } from './contracts.js'
import { addSpan, type Spans, subtract } from './spans.js'
import type { Account } from './survey.js'

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
const UNORDERED = 1 << 16

/** A union that spans are added to in no particular order. */
class Union {
  #spans: number[] = []
  #last = 0

  add(start: number, end: number): void {
    const spans = this.#spans
    spans.push(start, end)
    if (spans.length >= this.#last + UNORDERED) this.#tidy()
  }

  addAll(set: Spans): void {
    for (let i = 0; i < set.length; i += 2) this.add(set[i]!, set[i + 1]!)
  }

  spans(): Spans {
    this.#tidy()
    return this.#spans
  }

  #tidy(): void {
    const old = this.#spans
    const order = Array.from({ length: old.length / 2 }, (_, i) => 2 * i).sort((a, b) => old[a]! - old[b]!)
    this.#spans = []
    for (const i of order) addSpan(this.#spans, old[i]!, old[i + 1]!)
    this.#last = this.#spans.length
  }
}

/**
 * Services taken as one that is up while all of them are: down where any of them is known to be down, observed where
 * that is so or all of them were observed. One that is in maintenance, or not monitored yet, does not matter.
 */
export class Group {
  /** One for each period that is counted. */
  readonly accounts: readonly Account[]
  readonly #grounds = new Set<Ground>()
  readonly #active = new Union()
  readonly #maintenance = new Union()
  readonly #unobserved = new Union()
  readonly #down = new Union()

  constructor(accounts: readonly Account[]) {
    this.accounts = accounts
  }

  addGround(ground: Ground): void {
    if (this.#grounds.has(ground)) return
    this.#grounds.add(ground)
    const { active, maintenance, observed } = ground
    this.#active.addAll(active)
    this.#maintenance.addAll(maintenance)
    this.#unobserved.addAll(subtract(active, observed))
  }

  addDown(start: number, end: number): void {
    this.#down.add(start, end)
  }

  /** What it is as a whole. */
  sum(): { readonly ground: Ground; readonly down: Spans } {
    const [active, down] = [this.#active.spans(), this.#down.spans()]
    const observed = subtract(active, subtract(this.#unobserved.spans(), down))
    return { down, ground: { active, observed, maintenance: subtract(this.#maintenance.spans(), active) } }
  }
}
