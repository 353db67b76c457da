import type { Discovery, Service, Skipped } from '@uptimeserver/core'
import { type EntryOptions, readEntry } from '@uptimeserver/core/kit'
import { type Entry, MOST_ENTRIES } from './page.js'
import { type Leaf, type View, whereIs } from './tree.js'

/** Chooses the services of all files. Of one that two have, the first file decides. */
export class Selection {
  readonly #options: EntryOptions
  /** What was handed over and then not any more: whoever had it has let go of what it holds. */
  readonly #spent = new WeakSet<Service>()
  readonly #renewed = new WeakMap<Service, Service>()
  #services: readonly Service[] = []

  constructor(options: EntryOptions) {
    this.#options = options
  }

  select({ leaves, skipped: notes }: View): Discovery {
    const chosen = new Map<string, { readonly service: Service; readonly where: string }>()
    const skipped = [...notes]
    for (const leaf of leaves) {
      skipped.push(...leaf.faults.map((fault) => tell(leaf, fault)))
      const entries = leaf.page?.entries ?? []
      const isTooMuch = chosen.size + entries.length > MOST_ENTRIES
      if (isTooMuch)
        skipped.push({ what: leaf.name, reason: `with it there would be more than ${MOST_ENTRIES} services` })
      for (const entry of isTooMuch ? [] : entries) {
        const where = whereIs(leaf.name, entry.place)
        const other = chosen.get(entry.id)
        if (other) skipped.push({ what: where, reason: `${titleOf(entry)}: ${other.where} has it` })
        else chosen.set(entry.id, { service: this.#fresh(entry), where })
      }
    }
    return { services: this.#hand([...chosen.values()].map(({ service }) => service)), skipped }
  }

  /** Nobody has what was handed over any more. */
  end(): void {
    this.#hand([])
  }

  #hand(services: readonly Service[]): readonly Service[] {
    const now = new Set(services)
    for (const service of this.#services) if (!now.has(service)) this.#spent.add(service)
    this.#services = services
    return services
  }

  #fresh({ service, options }: Entry): Service {
    const current = this.#renewed.get(service) ?? service
    if (!this.#spent.has(current)) return current
    const next = readEntry(options, this.#options).service ?? current
    this.#renewed.set(service, next)
    return next
  }
}

function tell(
  { name, page }: Leaf,
  { reason, place }: { reason: string; place?: Leaf['faults'][0]['place'] },
): Skipped {
  const kept = page ? 'the file counts as it was before' : 'nothing of the file counts'
  return { what: whereIs(name, place), reason: `${reason}; until it is mended ${kept}` }
}

function titleOf({ service }: Entry): string {
  return `${service.kind} "${service.name}"`
}
