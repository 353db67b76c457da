import { type Event, UptimeError } from '@uptimeserver/core'
import type { Meaning } from './documents.js'

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
  /** Downtimes that are known to be there. Not all: whoever asks for another has it looked up. */
  readonly downtimes = new Set<string>()
  /** Service → its open downtime. */
  readonly #open = new Map<string, string>()
  /** Open downtime, under each of its names → its id and service. */
  readonly #names = new Map<string, { readonly id: string; readonly service: string }>()
  /** Service → its open gap. */
  readonly #gaps = new Map<string, { readonly id: string; readonly start: number }>()

  constructor({ seq, term, downtimes, gaps }: Standing) {
    this.seq = seq
    this.term = term
    for (const { id, service, also = [] } of downtimes) {
      this.#open.set(service, id)
      this.downtimes.add(id)
      for (const name of [id, ...also]) this.#names.set(name, { id, service })
    }
    for (const { service, ...gap } of gaps) this.#gaps.set(service, gap)
  }

  /** Takes facts in their order; those that are `known` and mere signs of life are left out. */
  take(events: readonly Event[], known: ReadonlySet<string>): Taken {
    const seen = new Set(known)
    const meaning: Record<string, string | null> = {}
    const logged = events.filter((event) => {
      if (seen.has(event.id) || (event.type === 'alive' && this.runs.has(event.run))) return false
      seen.add(event.id)
      const concerns = this.#take(event)
      if (concerns !== undefined) meaning[event.id] = concerns
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
        return this.#down(event.id, event.service)
      case 'up':
        return this.#up(event.downtime)
      case 'gap':
        return this.#gap(event.id, event.service, event.start, event.end)
      case 'service-added':
      case 'service-changed':
      case 'service-removed':
      case 'maintenance':
        return undefined
      case 'correction':
        return this.downtimes.has(event.downtime) ? undefined : null
      default:
        throw refused(`there is no fact of the type ${String((event as Event).type)}`)
    }
  }

  #down(id: string, service: string): string | undefined {
    const open = this.#open.get(service)
    this.#names.set(id, { id: open ?? id, service })
    if (open !== undefined) return open
    this.#open.set(service, id)
    this.downtimes.add(id)
    return undefined
  }

  #up(downtime: string): string | null | undefined {
    const named = this.#names.get(downtime)
    if (!named || this.#open.get(named.service) !== named.id) return null
    this.#open.delete(named.service)
    return named.id === downtime ? undefined : named.id
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

export function refused(why: string, cause?: unknown): UptimeError {
  return new UptimeError('FACTS_REFUSED', `mongo-storage: ${why}`, {
    plugin: 'mongo-storage',
    ...(cause !== undefined && { cause }),
  })
}
