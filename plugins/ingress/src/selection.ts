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

  constructor(plan: (object: Source) => Planning) {
    this.#plan = plan
  }

  /** Of a URL that several objects have, the oldest decides. */
  select(objects: Iterable<Source>): Discovery {
    const planned = new Map(
      [...objects].sort(byAge).map((object) => [object.metadata.uid, this.#planOf(object)]),
    )
    this.#planned = planned
    const chosen = new Map<string, Chosen>()
    const skipped: Skipped[] = []
    for (const { plans, skipped: left } of planned.values()) {
      for (const each of left) skipped.push(each)
      for (const plan of plans) {
        const other = chosen.get(plan.url)?.plan.object
        if (other)
          skipped.push({ what: `${nameOf(plan.object)} ${plan.url}`, reason: `${nameOf(other)} has it` })
        else chosen.set(plan.url, this.#choose(plan))
      }
    }
    this.#chosen = chosen
    return { services: [...chosen.values()].map(({ service }) => service), skipped }
  }

  #planOf(object: Source): Planned {
    const known = this.#planned.get(object.metadata.uid)
    if (known?.object === object) return known
    const from = gist(object)
    return known?.from === from ? { ...known, object } : { ...this.#plan(object), object, from }
  }

  #choose(plan: Plan): Chosen {
    const known = this.#chosen.get(plan.url)
    return known?.plan === plan ? known : { plan, service: plan.create() }
  }
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
