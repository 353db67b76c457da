import type { Service } from './contracts.js'

/** A service, and who holds it. */
export interface Held {
  readonly id: string
  readonly service: Service
  readonly sources: readonly string[]
}

/** What a new set changed. */
export interface Change {
  readonly added: readonly Held[]
  /** Another object, or other sources, for the same id. */
  readonly changed: readonly Held[]
  /** Ids that nobody holds any more. */
  readonly removed: readonly string[]
}

/** A service that is known from an earlier run, until its sources have spoken. */
export interface Remembered {
  readonly id: string
  readonly sources: readonly string[]
}

/**
 * Merges the sets of several sources by id. The first source (in the order given) that holds an id decides which
 * object is checked; an id stays until the last source drops it.
 */
export class Inventory {
  /** Per source: id → object, `undefined` for a remembered one. */
  readonly #sets: ReadonlyMap<string, Map<string, Service | undefined>>
  readonly #held = new Map<string, Held>()

  constructor(sources: readonly string[]) {
    this.#sets = new Map(sources.map((source) => [source, new Map()]))
  }

  /** Every service that has an object. */
  get held(): ReadonlyMap<string, Held> {
    return this.#held
  }

  /**
   * Takes over what an earlier run knew. What none of today's sources held may have moved to any of them, so it stays
   * until all of them have spoken.
   */
  restore(remembered: readonly Remembered[]): void {
    for (const { id, sources } of remembered) {
      const sets = sources.flatMap((source) => this.#sets.get(source) ?? [])
      for (const set of sets.length ? sets : this.#sets.values()) set.set(id, undefined)
    }
  }

  /** Puts the whole set of one source in place of its last one. */
  replace(source: string, services: ReadonlyMap<string, Service>): Change {
    const set = this.#sets.get(source)!
    const touched = new Set([...services.keys(), ...set.keys()])
    const known = new Set([...touched].filter((id) => this.#isKnown(id)))
    set.clear()
    for (const [id, service] of services) set.set(id, service)
    return this.#settle(touched, known)
  }

  #settle(touched: ReadonlySet<string>, known: ReadonlySet<string>): Change {
    const change = { added: [] as Held[], changed: [] as Held[], removed: [] as string[] }
    for (const id of touched) {
      const before = this.#held.get(id)
      const after = this.#merge(id)
      if (after) this.#held.set(id, after)
      else this.#held.delete(id)
      if (after && !before) change.added.push(after)
      else if (after && before && differs(before, after)) change.changed.push(after)
      else if (known.has(id) && !this.#isKnown(id)) change.removed.push(id)
    }
    return change
  }

  #isKnown(id: string): boolean {
    for (const set of this.#sets.values()) if (set.has(id)) return true
    return false
  }

  #merge(id: string): Held | undefined {
    const sources = [...this.#sets].filter(([, set]) => set.has(id)).map(([source]) => source)
    const first = sources.find((source) => this.#sets.get(source)!.get(id))
    return first === undefined ? undefined : { id, service: this.#sets.get(first)!.get(id)!, sources }
  }
}

function differs(a: Held, b: Held): boolean {
  return a.service !== b.service || a.sources.join('\n') !== b.sources.join('\n')
}
