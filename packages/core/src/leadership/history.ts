import type { Down, Event, Up } from '../contracts.js'

/** What became of facts that were found when another one had led since. */
export interface History {
  /** What may still be said: it is over, and touches nothing that goes on. */
  readonly told: readonly Event[]
  /** What may not. */
  readonly refused: readonly Event[]
}

/**
 * What an instance that was deposed may still say: up to the end of its authority, that it was alive, whom it did not look at, and
 * which downtimes came and went. One that went on then ends there; whoever leads now has opened its own. From the end of one
 * that is on record already it vouches for nothing: whoever leads now took that one over, and it is not to be touched.
 *
 * @param authorityEnds in ms since the epoch
 */
export function closedHistory(facts: readonly Event[], authorityEnds: number): History {
  const ups = facts.filter((fact) => fact.type === 'up')
  const ends = new Map(ups.map((up) => [up.downtime, up]))
  const own = new Set(facts.flatMap((fact) => (fact.type === 'down' ? [fact.id] : [])))
  const untouchable = ups.filter(({ downtime }) => !own.has(downtime))
  const until = Math.min(authorityEnds, ...untouchable.map(({ end }) => end))
  const told: Event[] = []
  const refused: Event[] = []
  for (const fact of facts) {
    const past = pastOf(fact, until, ends)
    if (past) told.push(past)
    else if (fact.type !== 'up' || !own.has(fact.downtime)) refused.push(fact)
  }
  return { told, refused }
}

function pastOf(fact: Event, until: number, ends: ReadonlyMap<string, Up>): Event | undefined {
  switch (fact.type) {
    case 'alive':
      return fact.start < until ? { ...fact, at: Math.min(fact.at, until) } : undefined
    case 'gap':
      if (fact.start >= until) return undefined
      return { ...fact, ...upTo(fact.at, until), end: Math.min(fact.end ?? until, until) }
    case 'down':
      return pastDown(fact, until, ends.get(fact.id))
    default:
      return undefined
  }
}

/** It came and went. */
function pastDown(down: Down, until: number, up: Up | undefined): Down | undefined {
  if (down.at >= until) return undefined
  return { ...down, end: Math.max(down.start, Math.min(up?.end ?? until, until)) }
}

/** A fact is a sign of life of its run, at its time. */
function upTo(at: number, until: number): { readonly at: number } {
  return { at: Math.min(at, until) }
}

/** An `up` of this downtime: whichever is open, of which nothing is known while the storage is away. */
export const WHICHEVER = '?'

/** What a storage says of the present, as far as facts depend on it that were found without knowing it. */
export interface Present {
  /** Service → its open downtime. */
  readonly downtimes: ReadonlyMap<string, { readonly id: string }>
  /** Service → since when nobody looks at it. */
  readonly gaps: ReadonlyMap<string, number>
  /** Services under watch. */
  readonly services: ReadonlyMap<string, unknown>
}

/** Facts of one that began while the storage was away, in the light of what the storage knows. */
export function adopt(facts: readonly Event[], present: Present): Event[] {
  return new Adoption(present).take(facts)
}

class Adoption {
  readonly #present: Present
  /** Service → its open downtime, as the facts go on. */
  readonly #open: Map<string, string>
  readonly #gaps: Map<string, number>
  /** What a downtime of ours is called in the storage. */
  readonly #names = new Map<string, string>()

  constructor(present: Present) {
    this.#present = present
    this.#open = new Map([...present.downtimes].map(([service, { id }]) => [service, id]))
    this.#gaps = new Map(present.gaps)
  }

  take(facts: readonly Event[]): Event[] {
    return facts.flatMap((fact) => this.#take(fact) ?? [])
  }

  #take(fact: Event): Event | undefined {
    switch (fact.type) {
      case 'service-added':
        return this.#present.services.has(fact.service.id) ? undefined : fact
      case 'down':
        return this.#down(fact)
      case 'up':
        return this.#up(fact)
      case 'gap': {
        const start = this.#gaps.get(fact.service) ?? fact.start
        if (fact.end !== null) this.#gaps.delete(fact.service)
        return { ...fact, start }
      }
      default:
        return fact
    }
  }

  #down(down: Down): Down | undefined {
    const open = this.#open.get(down.service)
    this.#names.set(down.id, open ?? down.id)
    if (open) return undefined
    this.#open.set(down.service, down.id)
    return down
  }

  #up(up: Up): Up | undefined {
    const open = this.#open.get(up.service)
    const downtime = up.downtime === WHICHEVER ? open : this.#names.get(up.downtime)
    if (!downtime || downtime !== open) return undefined
    this.#open.delete(up.service)
    return { ...up, downtime }
  }
}
