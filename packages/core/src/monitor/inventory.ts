import type { Service } from '../contracts.js'

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
 * object is checked; an id stays until the last source drops it, and so does an object while one that has not spoken
 * yet may still hold it.
 */
export class Inventory {
  /** Per source: id → object, `undefined` for a remembered one. */
  readonly #sets: Map<string, Map<string, Service | undefined>>
  /** Lists of sources, each made once: ten thousand services mostly share theirs. */
  readonly #sources = new Map<string, readonly string[]>()

  constructor(sources: readonly string[]) {
    this.#sets = new Map(sources.map((source) => [source, new Map()]))
  }

  /** The sources from now on, in the order of their say. Those that go must have been emptied before. */
  reshape(sources: readonly string[]): void {
    const sets = sources.map((source) => [source, this.#sets.get(source) ?? new Map()] as const)
    this.#sets.clear()
    for (const [source, set] of sets) this.#sets.set(source, set)
  }

  /** Every service that has an object. */
  held(): Held[] {
    const ids = new Set([...this.#sets.values()].flatMap((set) => [...set.keys()]))
    return [...ids].flatMap((id) => this.#merge(id) ?? [])
  }

  /**
   * Takes over what an earlier run knew. What none of today's sources held may have moved to any of them, so it stays
   * until all of them have spoken.
   */
  restore(remembered: readonly Remembered[]): void {
    const all = [...this.#sets.keys()]
    for (const { id, sources } of remembered) {
      const known = sources.filter((source) => this.#sets.has(source))
      for (const source of known.length ? known : all) this.#sets.get(source)!.set(id, undefined)
    }
  }

  /** Puts the whole set of one source in place of its last one. */
  replace(source: string, services: ReadonlyMap<string, Service>): Change {
    const touched = new Set([...services.keys(), ...this.#sets.get(source)!.keys()])
    const before = new Map(
      [...touched].map((id) => [id, { held: this.#merge(id), known: this.#isKnown(id) }]),
    )
    this.#sets.set(source, new Map(services))
    const change = { added: [] as Held[], changed: [] as Held[], removed: [] as string[] }
    for (const [id, { held, known }] of before) {
      const after = this.#merge(id) ?? (held && this.#lend(id, held.service))
      if (after && !held) change.added.push(after)
      else if (after && held && differs(held, after)) change.changed.push(after)
      else if (known && !this.#isKnown(id)) change.removed.push(id)
    }
    return change
  }

  /** Gives an object whose source dropped it to one that only remembers it. */
  #lend(id: string, service: Service): Held | undefined {
    for (const set of this.#sets.values()) {
      if (!set.has(id)) continue
      set.set(id, service)
      break
    }
    return this.#merge(id)
  }

  #isKnown(id: string): boolean {
    for (const set of this.#sets.values()) if (set.has(id)) return true
    return false
  }

  #merge(id: string): Held | undefined {
    let service: Service | undefined
    const sources: string[] = []
    for (const [source, set] of this.#sets) {
      if (!set.has(id)) continue
      sources.push(source)
      service ??= set.get(id)
    }
    return service && { id, service, sources: this.#intern(sources) }
  }

  #intern(sources: readonly string[]): readonly string[] {
    const key = sources.join('\n')
    const known = this.#sources.get(key)
    if (known) return known
    this.#sources.set(key, sources)
    return sources
  }
}

function differs(a: Held, b: Held): boolean {
  return a.service !== b.service || a.sources !== b.sources
}
