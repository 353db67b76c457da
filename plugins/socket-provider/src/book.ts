import { type Clock, type Problem, type Service, type Skipped, serviceId } from '@uptimeserver/core'
import { type EntryOptions, formatProblem, readEntry } from '@uptimeserver/core/kit'
import { HeartbeatType, KIND } from './heartbeat.js'
import { type Memory, Reports } from './reports.js'
import type { Which } from './requests.js'

/** What one program declared. */
export interface Item {
  readonly id: string
  readonly owner: string
  readonly kind: string
  readonly name: string
  readonly category: string | undefined
  readonly entry: object
  /** The entry as JSON: two of the same text are the same. */
  readonly text: string
  /** Absent where the entry cannot be read any more, since the config lends something else. */
  readonly service: Service | undefined
  readonly problems: readonly Problem[]
  /** Of a heartbeat. */
  readonly reports: Reports | undefined
  readonly deadline: number
}

/** What the state file remembers of one. */
export type Remembered = Pick<Item, 'id' | 'owner' | 'kind' | 'name' | 'category' | 'entry'> & Memory

export interface Counts {
  readonly added: number
  readonly changed: number
  readonly same: number
  readonly removed: number
}

/** Everything that was declared, by id. An id has one owner. */
export class Book {
  readonly #options: EntryOptions
  readonly #clock: Clock
  readonly #beats = new HeartbeatType()
  readonly #items = new Map<string, Item>()
  readonly #byName = new Map<string, Set<Item>>()
  #ids: readonly string[] | undefined

  constructor(options: Partial<EntryOptions>, clock: Clock) {
    this.#options = { ...options, types: { ...options.types, [KIND]: this.#beats } }
    this.#clock = clock
  }

  get size(): number {
    return this.#items.size
  }

  /** Ids in their order. */
  get ids(): readonly string[] {
    this.#ids ??= [...this.#items.keys()].sort()
    return this.#ids
  }

  get(id: string): Item | undefined {
    return this.#items.get(id)
  }

  items(): Iterable<Item> {
    return this.#items.values()
  }

  /** Makes what an entry says, or says what is wrong with it. Keeps nothing. */
  read(entry: unknown, owner: string): Item | { readonly problems: readonly Problem[] } {
    const { service, problems } = readEntry(entry, this.#options)
    return problems ? { problems } : this.#itemOf(service, entry as object, owner)
  }

  /** Takes up what an earlier process was told. What cannot be read any more stays, for the day when it can. */
  restore(remembered: Remembered): void {
    const { report, silence, lateSince, ...known } = remembered
    const text = JSON.stringify(known.entry)
    const read = this.#reread(known, text)
    const nothing = { service: undefined, reports: undefined, deadline: 0 }
    const item = 'id' in read ? read : { ...known, ...nothing, text, problems: read.problems }
    const reports = item.reports && new Reports(this.#clock.monotonic(), { report, silence, lateSince })
    this.#set(withReports(item, reports, this.#beats))
  }

  /** Takes up all that another process was told, and nothing else. What is as it was stays the same service. */
  mirror(remembered: readonly Remembered[]): void {
    const stay = new Set(remembered.map(({ id }) => id))
    for (const id of this.ids) if (!stay.has(id)) this.#delete(id)
    for (const each of remembered) this.restore(each)
  }

  get hasHeartbeats(): boolean {
    return [...this.#items.values()].some(({ reports }) => reports)
  }

  /** Puts items in the place of those that have their ids; with `others`, these ids go. */
  apply(items: readonly Item[], others: readonly string[] = []): Counts {
    const counts = { added: 0, changed: 0, same: 0, removed: others.length }
    for (const id of others) this.#delete(id)
    for (const item of items) counts[this.#put(item)]++
    return counts
  }

  /** Whatever fits every part that is given. */
  find({ id, name, kind, category }: Which, owner?: string): Item[] {
    const isOf = (item: Item) =>
      (owner === undefined || item.owner === owner) &&
      (name === undefined || item.name === name) &&
      (kind === undefined || item.kind === kind) &&
      (category === undefined || item.category === category)
    return [...this.#candidates(id, name)].flatMap((item) => (item && isOf(item) ? item : []))
  }

  services(): Service[] {
    return [...this.#items.values()].flatMap(({ service }) => service ?? [])
  }

  skipped(): Skipped[] {
    return [...this.#items.values()].flatMap(({ owner, kind, name, problems }) =>
      problems.length
        ? [
            {
              what: `${kind} "${name}" of ${owner}`,
              reason: problems.map((each) => formatProblem(each)).join('; '),
            },
          ]
        : [],
    )
  }

  /** What is there already, word for word, stays the same service. */
  #reread({ id, owner, entry }: Remembered, text: string): ReturnType<Book['read']> {
    const item = this.#items.get(id)
    if (item?.service && item.text === text && item.owner === owner) return item
    return this.read(entry, owner)
  }

  #put(item: Item): 'added' | 'changed' | 'same' {
    const before = this.#items.get(item.id)
    if (before?.service && before.text === item.text) return 'same'
    this.#set(withReports(item, before?.reports ?? item.reports, this.#beats))
    return before ? 'changed' : 'added'
  }

  #candidates(id: string | undefined, name: string | undefined): Iterable<Item | undefined> {
    if (id !== undefined) return [this.#items.get(id)]
    return name === undefined ? this.#items.values() : (this.#byName.get(name) ?? [])
  }

  #set(item: Item): void {
    this.#delete(item.id)
    this.#items.set(item.id, item)
    const namesakes = this.#byName.get(item.name) ?? new Set()
    this.#byName.set(item.name, namesakes.add(item))
  }

  #delete(id: string): void {
    const item = this.#items.get(id)
    this.#ids = undefined
    if (!item) return
    this.#items.delete(id)
    const namesakes = this.#byName.get(item.name)!
    namesakes.delete(item)
    if (!namesakes.size) this.#byName.delete(item.name)
  }

  #itemOf(service: Service, entry: object, owner: string): Item {
    const { kind, name, category } = service
    const deadline = this.#beats.of(service)?.deadline
    return {
      ...{ id: serviceId(service), owner, kind, name, category, entry, text: JSON.stringify(entry), service },
      ...{ problems: [], deadline: deadline ?? 0 },
      reports: deadline === undefined ? undefined : new Reports(this.#clock.monotonic()),
    }
  }
}

function withReports(item: Item, reports: Reports | undefined, beats: HeartbeatType): Item {
  const beat = item.service && beats.of(item.service)
  if (beat) beat.reports = reports
  return { ...item, reports }
}
