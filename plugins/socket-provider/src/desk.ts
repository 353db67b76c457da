import type { Clock, Problem } from '@uptimeserver/core'
import { type Answer, consent, consentOnceKept, refusal } from './answers.js'
import type { Book, Counts, Item } from './book.js'
import { KIND } from './heartbeat.js'
import { clashes, nobody, notOne, notOwn, placed, tooEarly } from './objections.js'
import type { Limits } from './options.js'
import { type ReportRequest, type Request, readRequest } from './requests.js'
import type { Turns } from './turns.js'

/** Entries of one request that are read in one piece. */
const SLICE = 10
/** How far a report may be ahead of this clock, in ms: clocks of two machines never agree. */
const AHEAD = 60_000

export interface DeskParts {
  readonly book: Book
  readonly limits: Limits
  readonly turns: Turns
  readonly clock: Clock
  /** Something is to be written, now, or as soon as there is time. Settles with the reason when that failed. */
  keep(): Promise<string | undefined>
  keepSoon(): void
  /** The set has changed. */
  tell(): void
}

/** Answers requests: each as a whole, or not at all. */
export class Desk {
  readonly #parts: DeskParts
  readonly #since: string

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#since = new Date(parts.clock.now()).toISOString()
  }

  /** Never throws. */
  async answer(line: Uint8Array): Promise<Answer> {
    const { value, problems } = readRequest(line) as { value?: Request; problems?: readonly Problem[] }
    return value ? this.#do(value) : refused(...problems!)
  }

  #do(request: Request): Answer | Promise<Answer> {
    switch (request.op) {
      case 'ping':
        return agreed({ pid: process.pid, since: this.#since, services: this.#parts.book.size })
      case 'list':
        return this.#list(request)
      case 'remove':
        return this.#remove(request)
      case 'report':
        return this.#report(request)
      default:
        return this.#put(request)
    }
  }

  async #put({ op, owner, services }: Request & { readonly op: 'put' | 'replace' }): Promise<Answer> {
    const { book, limits, turns } = this.#parts
    if (services.length > limits.services) return refused(this.#tooMany(services.length))
    const items: Item[] = []
    const problems: Problem[] = []
    for (const [index, entry] of services.entries()) {
      if (index % SLICE === SLICE - 1) await turns.next()
      const read = book.read(entry, owner)
      if ('id' in read) items.push(read)
      else problems.push(...read.problems.map((problem) => placed(problem, index)))
    }
    if (problems.length) return refused(...problems)
    // From here on nothing else comes in between.
    const gone = op === 'replace' ? this.#others(items, owner) : []
    const faults = [...clashes(items, book), ...this.#beyond(items, gone.length)]
    return faults.length ? refused(...faults) : this.#applied(items, gone)
  }

  #others(items: readonly Item[], owner: string): string[] {
    const stay = new Set(items.map(({ id }) => id))
    return this.#parts.book.find({}, owner).flatMap(({ id }) => (stay.has(id) ? [] : id))
  }

  #applied(items: readonly Item[], gone: readonly string[]): Answer {
    const counts = this.#parts.book.apply(items, gone)
    const fields = { ...counts, ids: items.map(({ id }) => id) }
    return hasChanged(counts) ? this.#changed(fields) : agreed(fields)
  }

  #changed(fields: object): Answer {
    this.#parts.tell()
    return consentOnceKept(fields, this.#parts.keep())
  }

  #beyond(items: readonly Item[], gone: number): Problem[] {
    const { book, limits } = this.#parts
    const added = items.filter(({ id }) => !book.get(id)).length
    const total = book.size - gone + added
    return added && total > limits.services ? [this.#tooMany(total)] : []
  }

  #tooMany(found: number): Problem {
    const expected = `at most ${this.#parts.limits.services} of all owners`
    return { path: 'services', found: `${found} services`, expected, hint: 'raise limits.services' }
  }

  #remove({ op: _, owner, ...which }: Request & { readonly op: 'remove' }): Answer {
    const { book } = this.#parts
    const ids = book.find(which, owner).map(({ id }) => id)
    if (!ids.length) return refused(notOwn(which, owner, book))
    book.apply([], ids)
    return this.#changed({ removed: ids.length })
  }

  #report({ op: _, status, at, reason, ...which }: ReportRequest): Answer {
    const { book, clock, keep, keepSoon } = this.#parts
    const now = clock.now()
    if (at !== undefined && at > now + AHEAD) return refused(tooEarly(at, now))
    const found = book.find({ kind: KIND, ...which }).filter(({ service }) => service)
    if (found.length !== 1) return refused(notOne(found, which, book))
    const [{ id, reports, deadline }] = found as [Item]
    if (!reports) return refused(nobody(which, `one of the type ${KIND}: only these are reported`))
    const before = reports.last?.status
    // Were it lost in a crash, silence would be counted on, and soon be down.
    const isDue = reports.silence(clock) > deadline / 2
    const taken = reports.take(clock, { status, at, reason }, deadline)
    const { at: last } = reports.last!
    const fields = { id, status: reports.last!.status, at: new Date(last).toISOString(), isLatest: !!taken }
    if (taken && (isDue || before !== status)) return consentOnceKept(fields, keep())
    keepSoon()
    return agreed(fields)
  }

  /** As many as fit into a line as long as a request may be, and at least one. */
  #list({ op: _, owner, after = '', ...which }: Request & { readonly op: 'list' }): Answer {
    const { book, limits } = this.#parts
    const fits = new Set(book.find(which, owner))
    const services: object[] = []
    let room = limits.line
    for (const id of book.ids) {
      const item = book.get(id)!
      if (id <= after || !fits.has(item)) continue
      const shown = showItem(item)
      room -= JSON.stringify(shown).length
      if (room < 0 && services.length) return agreed({ services, next: (services.at(-1) as Item).id })
      services.push(shown)
    }
    return agreed({ services, next: null })
  }
}

const agreed = (fields: object): Answer => ({ reply: consent(fields) })
const refused = (...problems: readonly Problem[]): Answer => ({ reply: refusal(...problems) })
const hasChanged = ({ added, changed, removed }: Counts) => added + changed + removed > 0

function showItem({ id, owner, kind, name, category, entry, problems, reports }: Item): object {
  const last = reports?.last
  return {
    ...{ id, owner, kind, name, category: category ?? null, entry },
    ...(reports ? { report: last ? { ...last, at: new Date(last.at).toISOString() } : null } : {}),
    ...(problems.length ? { problems } : {}),
  }
}
