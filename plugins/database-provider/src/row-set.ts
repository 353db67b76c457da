import { type Discovery, type Service, type Skipped, serviceId } from '@uptimeserver/core'
import { type EntryOptions, EntryReader, formatProblem, type ReadEntry } from '@uptimeserver/core/kit'
import { entryOf } from './entry.js'
import type { Row } from './options.js'

/** So many rows are told of one by one when they are left out. */
const TOLD = 1_000

/** An entry, and the row that it comes from. */
interface Placed {
  readonly what: string
  readonly entry: unknown
}

/** Makes the set of services of rows. What has not changed is the object that it was. */
export class RowSet {
  readonly #reader: EntryReader
  readonly #map: ((row: Row) => unknown) | undefined
  #last: Discovery = { services: [], skipped: [] }

  constructor({
    types,
    secrets,
    row,
  }: EntryOptions & { readonly row?: ((row: Row) => unknown) | undefined }) {
    this.#reader = new EntryReader({ types, secrets })
    this.#map = row
  }

  /**
   * The same set again is the same object. Of rows that are the same service the first counts.
   *
   * @param notes what else was left out
   * @throws when there are rows, and none of them is a service: more likely than all of them is the query wrong
   */
  read(rows: readonly Row[], notes: readonly Skipped[]): Discovery {
    const left: Skipped[] = []
    const placed = this.#place(rows, left)
    const services = this.#choose(placed, left)
    const first = left[0]
    if (first && !services.length)
      throw new Error(`none of the ${rows.length} rows is a service; ${first.what}: ${first.reason}`)
    const next = { services, skipped: [...notes, ...shortened(left)] }
    if (!isSame(this.#last, next)) this.#last = next
    return this.#last
  }

  #place(rows: readonly Row[], left: Skipped[]): Placed[] {
    return rows.flatMap((row, index) => {
      const what = titleOf(row, index)
      try {
        return [{ what, entry: entryOf(row, this.#map) }]
      } catch (error) {
        left.push({ what, reason: (error as Error).message })
        return []
      }
    })
  }

  #choose(placed: readonly Placed[], left: Skipped[]): Service[] {
    const chosen = new Map<string, { readonly what: string; readonly service: Service }>()
    const kept: unknown[] = []
    for (const [index, { service, problems }] of this.#readAll(placed).entries()) {
      const { what, entry } = placed[index]!
      const id = service && serviceId(service)
      const other = id && chosen.get(id)
      if (problems) left.push({ what, reason: problems.map((problem) => formatProblem(problem)).join('; ') })
      else if (other) left.push({ what, reason: `${other.what} is the same service` })
      else {
        chosen.set(id!, { what, service })
        kept.push(entry)
      }
    }
    // The object of a row that does not count may be closed by the time when the row does.
    if (kept.length < placed.length) this.#reader.read(kept)
    return [...chosen.values()].map(({ service }) => service)
  }

  #readAll(placed: readonly Placed[]): readonly ReadEntry[] {
    return this.#reader.read(placed.map(({ entry }) => entry))
  }
}

function titleOf({ name }: Row, index: number): string {
  const named = typeof name === 'string' ? ` (name ${JSON.stringify(name.slice(0, 100))})` : ''
  return `row ${index + 1}${named}`
}

function shortened(left: readonly Skipped[]): readonly Skipped[] {
  if (left.length <= TOLD) return left
  return [...left.slice(0, TOLD), { what: `${left.length - TOLD} more rows`, reason: 'they are wrong, too' }]
}

function isSame(a: Discovery, b: Discovery): boolean {
  const [skipped, others] = [a.skipped ?? [], b.skipped ?? []]
  return (
    a.services.length === b.services.length &&
    skipped.length === others.length &&
    a.services.every((service, index) => service === b.services[index]) &&
    skipped.every(
      ({ what, reason }, index) => what === others[index]!.what && reason === others[index]!.reason,
    )
  )
}
