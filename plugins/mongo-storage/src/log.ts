import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Cursor,
  type Event,
  type Logger,
  messageOf,
  type RecordOptions,
  type UptimeError,
} from '@uptimeserver/core'
import type { Connection } from './connection.js'
import { keyOf, type LogDocument } from './documents.js'
import { type Effective, extendRuns, runsIn } from './effects/index.js'
import { failure, isDuplicate, isForbidden } from './errors.js'
import { PROGRAM, prepare } from './opening.js'
import { Present, type Taken } from './present.js'
import type { Collections } from './schema.js'
import { bringIntoViews, completeViews } from './views.js'

/** How often in a row another writer may be quicker. */
const ATTEMPTS = 100

/**
 * Appends to the log of one monitor. An entry is one document, so it is there as a whole or not at all; whoever writes the
 * same number collides, and looks again. Then come the views: what they lack after a crash is made up by whoever is next.
 */
export class Log {
  readonly #connection: Connection
  readonly #monitor: string
  readonly #logger: Logger
  /** Unknown at first, and after anything went wrong. */
  #present: Present | undefined
  /** The entry whose effect is being brought into the views. */
  #atWork: number | undefined

  constructor(connection: Connection, logger: Logger) {
    this.#connection = connection
    this.#monitor = connection.monitor
    this.#logger = logger
  }

  get #collections(): Collections {
    return this.#connection.writing
  }

  /** One after the other: two at once would only collide. */
  async append(events: readonly Event[], options: Expected): Promise<Cursor> {
    const known = new Set<string>()
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const seq = await this.#attempt(events, options, known)
      if (seq !== undefined) return seq
      for (const id of await this.#known(events)) known.add(id)
      await sleep(Math.random() * 5 * attempt)
    }
    throw failure('STORAGE_BUSY', 'other writers were quicker, again and again')
  }

  /**
   * Gives the views what they lack, but for what is being written by this very object. A reader who may not write reads
   * what there is.
   */
  async complete(): Promise<void> {
    try {
      await completeViews(this.#collections, this.#monitor, this.#atWork)
    } catch (error) {
      if (!isForbidden(error)) throw error
      this.#logger.warn(
        'the last facts are not shown yet: bringing them into the views takes the right to write',
      )
    }
  }

  /** `undefined`: somebody else was quicker, or some of it is known. */
  async #attempt(events: readonly Event[], { term, after = 0 }: Expected, known: ReadonlySet<string>) {
    const present = await this.#current()
    this.#present = undefined
    // What is there of a database that was dropped, others have made meanwhile: live state, a lease. It is ours.
    if (present.seq === 0 || present.seq < after) await prepare(this.#collections)
    if (present.seq < after) throw lost(after, present.seq)
    if (term !== undefined && term < present.term) throw fenced(term, present.term)
    await this.#learn(present, events)
    const taken = present.take(events, known)
    if (!taken.logged.length) return this.#nothingNew(present, events, term, known.size > 0)
    const next = { seq: present.seq + 1, term: term ?? present.term }
    if (!(await this.#insert(next, taken))) return undefined
    Object.assign(present, next)
    await this.#view(
      { ...next, monitor: this.#monitor, events: taken.logged, meaning: taken.meaning },
      events,
      present,
    )
    return next.seq
  }

  /** What was known before is so only as long as the log ends where it did: it may have been emptied. */
  async #current(): Promise<Present> {
    const known = this.#present
    return known && (await this.last()).seq === known.seq ? known : this.#load()
  }

  async #insert({ seq, term }: { seq: number; term: number }, { logged, meaning }: Taken): Promise<boolean> {
    const entry: LogDocument = {
      ...{ _id: keyOf(this.#monitor, seq), monitor: this.#monitor, seq, term },
      ids: logged.map(({ id }) => id),
      until: new Date(logged.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY)),
      facts: JSON.stringify(logged),
      ...(meaning.size && { meaning: JSON.stringify([...meaning]) }),
    }
    try {
      await this.#collections.log.insertOne(entry)
      return true
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
  }

  /** The facts are safe: where this fails, whoever comes next goes on. */
  async #view(entry: Effective, events: readonly Event[], present: Present): Promise<void> {
    this.#atWork = entry.seq
    try {
      await bringIntoViews(this.#collections, entry, events)
      present.downtimes.clear()
      this.#present = present
    } catch (error) {
      this.#logger.debug('views of an entry are left to whoever comes next', {
        seq: entry.seq,
        error: messageOf(error),
      })
    } finally {
      this.#atWork = undefined
    }
  }

  async #nothingNew(present: Present, events: readonly Event[], term: number | undefined, isAgain: boolean) {
    const last = await this.last()
    if (term !== undefined && term < last.term) throw fenced(term, last.term)
    await extendRuns(this.#collections.runs, this.#monitor, events)
    if (isAgain) await this.#confirm()
    if (last.seq === present.seq) this.#present = present
    return last.seq
  }

  /**
   * What is known may have reached fewer members than facts must have reached. A write that changes nothing waits for all
   * that was written before it.
   */
  async #confirm(): Promise<void> {
    await this.#collections.meta.updateOne({ _id: 'schema' }, { $set: { program: PROGRAM } })
  }

  /** In this order: what comes in between then makes the next insert collide, instead of being overlooked. */
  async #load(): Promise<Present> {
    const { downtimes, gaps } = this.#collections
    const last = await this.last()
    await this.complete()
    const filter = { monitor: this.#monitor, open: true } as const
    const [open, openGaps] = await Promise.all([
      downtimes.find(filter).project<OpenDowntime>({ id: 1, service: 1, also: 1 }).toArray(),
      gaps.find(filter).project<OpenGap>({ id: 1, service: 1, start: 1 }).toArray(),
    ])
    const gapsByNumber = openGaps.map(({ start, ...gap }) => ({ ...gap, start: start.getTime() }))
    return new Present({ ...last, downtimes: open, gaps: gapsByNumber })
  }

  /** The entry that was written last; 0 where there is none. */
  async last(): Promise<{ seq: number; term: number }> {
    const options = { sort: { seq: -1 }, projection: { _id: 0, seq: 1, term: 1 } } as const
    return (await this.#collections.log.findOne({ monitor: this.#monitor }, options)) ?? { seq: 0, term: 0 }
  }

  async #known(events: readonly Event[]): Promise<string[]> {
    const ids = events.map(({ id }) => id)
    const filter = { monitor: this.#monitor, ids: { $in: ids } }
    const entries = await this.#collections.log.find(filter).project<{ ids: string[] }>({ ids: 1 }).toArray()
    const asked = new Set(ids)
    return entries.flatMap((entry) => entry.ids.filter((id) => asked.has(id)))
  }

  /** What has to be known of the past to understand these facts. */
  async #learn(present: Present, events: readonly Event[]): Promise<void> {
    const { runs, downtimes } = this.#collections
    const corrected = events.flatMap((event) => (event.type === 'correction' ? [event.downtime] : []))
    await Promise.all([
      this.#lookUp(
        runs,
        [...runsIn(events)].filter((run) => !present.runs.has(run)),
        present.runs,
      ),
      this.#lookUp(
        downtimes,
        corrected.filter((id) => !present.knows(id)),
        present.downtimes,
      ),
    ])
  }

  async #lookUp(
    collection: Collections['runs'] | Collections['downtimes'],
    ids: readonly string[],
    known: Set<string>,
  ): Promise<void> {
    if (!ids.length) return
    const keys = ids.map((id) => keyOf(this.#monitor, id))
    const found = (collection as Collections['runs'])
      .find({ _id: { $in: keys } })
      .project<{ id: string }>({ id: 1 })
    for (const { id } of await found.toArray()) known.add(id)
  }
}

type Expected = { [Key in 'term' | 'after']: RecordOptions[Key] | undefined }
type OpenDowntime = { id: string; service: string; also?: string[] }
type OpenGap = { id: string; service: string; start: Date }

function lost(after: Cursor, last: Cursor): UptimeError {
  return failure('RECORD_LOST', `the log ends with entry ${last}, expected entry ${after} or a later one`)
}

function fenced(term: number, last: number): UptimeError {
  return failure('STORAGE_FENCED', `term ${term} is over; the log is at term ${last}`)
}
