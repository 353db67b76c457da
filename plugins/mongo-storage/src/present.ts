import type { Event } from '@uptimeserver/core'
import type { Meaning } from './documents.js'
import { failure } from './errors.js'

/** How things stand after an entry, as far as the meaning of the next facts depends on it. */
export interface Standing {
  readonly seq: number
  readonly term: number
  readonly downtimes: Iterable<{
    readonly id: string
    readonly service: string
    readonly also?: readonly string[]
  }>
  readonly gaps: Iterable<{ readonly id: string; readonly service: string; readonly start: number }>
}

interface Open {
  readonly id: string
  readonly service: string
  /** Its id, and those of what was stated while it was open. */
  readonly names: string[]
}

/** Facts that belong into the log, and what they mean. */
export interface Taken {
  readonly logged: readonly Event[]
  readonly meaning: Meaning
}

/** The present of one monitor: what is open. Knows what a fact means at this moment. */
export class Present {
  seq: number
  term: number
  /** Runs that are known to be in the log. */
  readonly runs = new Set<string>()
  /** Downtimes that are over and known to be there, as far as somebody has asked for them. */
  readonly downtimes = new Set<string>()
  /** Service → its open downtime. */
  readonly #open = new Map<string, Open>()
  /** Open downtimes under each of their names. */
  readonly #names = new Map<string, Open>()
  /** Service → its open gap. */
  readonly #gaps = new Map<string, { readonly id: string; readonly start: number }>()

  constructor({ seq, term, downtimes, gaps }: Standing) {
    this.seq = seq
    this.term = term
    for (const { id, service, also = [] } of downtimes) {
      const open = this.#begin(id, service)
      for (const name of also) this.#call(open, name)
    }
    for (const { service, ...gap } of gaps) this.#gaps.set(service, gap)
  }

  /** Takes facts in their order; those that are `known` and mere signs of life are left out. */
  take(events: readonly Event[], known: ReadonlySet<string>): Taken {
    const seen = new Set(known)
    const meaning = new Map<string, string | null>()
    const logged = events.filter((event) => {
      if (seen.has(event.id) || (event.type === 'alive' && this.runs.has(event.run))) return false
      seen.add(event.id)
      const concerns = this.#take(event)
      if (concerns !== undefined) meaning.set(event.id, concerns)
      return true
    })
    return { logged, meaning }
  }

  /** What it concerns, when that is not what it says. */
  #take(event: Event): string | null | undefined {
    switch (event.type) {
      case 'alive':
        return void this.runs.add(event.run)
      case 'down':
        return event.end === undefined ? this.#down(event.id, event.service) : this.#past(event.id)
      case 'up':
        return this.#up(event.downtime)
      case 'gap':
        return this.#gap(event.id, event.service, event.start, event.end)
      case 'service-added':
      case 'service-changed':
      case 'service-removed':
      case 'maintenance':
      case 'led':
        return undefined
      case 'correction':
        return this.knows(event.downtime) ? undefined : null
      default:
        throw failure('FACTS_REFUSED', `there is no fact of the type ${String((event as Event).type)}`)
    }
  }

  /** Whether there is such a downtime. Of those that are over it knows those that it was told. */
  knows(downtime: string): boolean {
    return this.#names.get(downtime)?.id === downtime || this.downtimes.has(downtime)
  }

  #down(id: string, service: string): string | undefined {
    const open = this.#open.get(service)
    if (!open) return void this.#begin(id, service)
    this.#call(open, id)
    return open.id
  }

  /** It was over when it was told, and touches nothing that is open. */
  #past(id: string): undefined {
    this.downtimes.add(id)
  }

  #up(downtime: string): string | null | undefined {
    const open = this.#names.get(downtime)
    if (!open) return null
    this.#open.delete(open.service)
    for (const name of open.names) this.#names.delete(name)
    // It may be corrected by the same batch.
    this.downtimes.add(open.id)
    return open.id === downtime ? undefined : open.id
  }

  #begin(id: string, service: string): Open {
    const open = { id, service, names: [] }
    this.#open.set(service, open)
    this.#call(open, id)
    return open
  }

  #call(open: Open, name: string): void {
    open.names.push(name)
    this.#names.set(name, open)
  }

  #gap(id: string, service: string, start: number, end: number | null): string | null | undefined {
    const open = this.#gaps.get(service)
    if (end === null) {
      if (open) return null
      this.#gaps.set(service, { id, start })
      return undefined
    }
    if (open?.start !== start) return undefined
    this.#gaps.delete(service)
    return open.id
  }
}
