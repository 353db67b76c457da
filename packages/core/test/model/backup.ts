import type { MemoryPlace } from '@uptimeserver/testing'

type Book = ReturnType<MemoryPlace['book']>

/** What is left of a record when an older copy has taken its place. */
export interface Remainder {
  /** How far its log goes, and in which term. */
  readonly cursor: number
  readonly term: number
  /** The last proof of life in it. */
  readonly end: number
}

/** A copy of all that is on record. */
export class Backup {
  readonly #place: MemoryPlace
  readonly #book: Book

  constructor(place: MemoryPlace) {
    this.#place = place
    this.#book = structuredClone(place.book('default'))
  }

  /** Puts it into the place of what is there, under everybody who has that open. */
  restore(): Remainder {
    const book = structuredClone(this.#book)
    Object.assign(this.#place.book('default'), book)
    const { seq: cursor = 0, term = 0 } = book.log.at(-1) ?? {}
    const ends = [...book.runs.values()].map(({ end }) => end)
    return { cursor, term, end: Math.max(Number.NEGATIVE_INFINITY, ...ends) }
  }
}
