import type { Discovery, Service, Skipped } from '@uptimeserver/core'
import { nameOf, type Source } from './objects.js'
import type { Plan, Planning } from './plan.js'

interface Chosen {
  readonly plan: Plan
  readonly service: Service
}

interface Planned extends Planning {
  /** What it was made from, as it was seen last. */
  readonly object: Source
  readonly from: string
}

/**
 * Turns the objects into the set of services. What has not changed is neither planned nor made anew: status that comes and goes
 * leaves a service as it is.
 */
export class Selection {
  readonly #plan: (object: Source) => Planning
  #planned = new Map<string, Planned>()
  #chosen = new Map<string, Chosen>()
  #notes: readonly Skipped[] = []
  #last: Discovery = { services: [], skipped: [] }

  constructor(plan: (object: Source) => Planning) {
    this.#plan = plan
  }

  /**
   * Of a URL that several objects have, the oldest decides. The same set again is the same object.
   *
   * @param notes what else was skipped
   */
  select(objects: Iterable<Source>, notes: readonly Skipped[] = []): Discovery {
    const planned = new Map(
      [...objects].sort(byAge).map((object) => [object.metadata.uid, this.#planOf(object)]),
    )
    const isSame = this.#isSame(planned)
    this.#planned = planned
    if (isSame && sameNotes(notes, this.#notes)) return this.#last
    this.#notes = notes
    this.#last = this.#choose(notes)
    return this.#last
  }

  #choose(notes: readonly Skipped[]): Discovery {
    const chosen = new Map<string, Chosen>()
    const skipped = [...notes]
    for (const { plans, skipped: left } of this.#planned.values()) {
      for (const each of left) skipped.push(each)
      for (const plan of plans) {
        const other = chosen.get(plan.url)?.plan.object
        if (other)
          skipped.push({ what: `${nameOf(plan.object)} ${plan.url}`, reason: `${nameOf(other)} has it` })
        else chosen.set(plan.url, this.#take(plan))
      }
    }
    this.#chosen = chosen
    return { services: [...chosen.values()].map(({ service }) => service), skipped }
  }

  #isSame(planned: ReadonlyMap<string, Planned>): boolean {
    if (planned.size !== this.#planned.size) return false
    for (const [uid, { plans }] of planned) if (this.#planned.get(uid)?.plans !== plans) return false
    return true
  }

  #planOf(object: Source): Planned {
    const known = this.#planned.get(object.metadata.uid)
    if (known?.object === object) return known
    const from = gist(object)
    return known?.from === from ? { ...known, object } : { ...this.#plan(object), object, from }
  }

  #take(plan: Plan): Chosen {
    const known = this.#chosen.get(plan.url)
    return known?.plan === plan ? known : { plan, service: plan.create() }
  }
}

function sameNotes(a: readonly Skipped[], b: readonly Skipped[]): boolean {
  return a.length === b.length && a.every(({ reason }, index) => reason === b[index]!.reason)
}

/** What a plan depends on. The generation counts the changes of a spec. */
function gist({ metadata: { generation, labels, annotations } }: Source): string {
  return JSON.stringify([generation, labels, annotations])
}

function byAge(a: Source, b: Source): number {
  return compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compare(nameOf(a), nameOf(b))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
