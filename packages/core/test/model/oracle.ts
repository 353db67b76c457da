import { memoryStorage } from '@uptimeserver/testing'
import type { Downtime, Entry, Gap, Run, ServiceRecord } from '../../src/index.js'
import { all } from '../../src/kit/all.js'
import type { Remainder } from './backup.js'
import { ATTEMPTS, EVERY, type Result, START, type Universe } from './machine.js'

/** A check may start this much later than it should, and nobody is blind yet, in ms. */
const SLACK = 2_000

/** What the storage says. */
export interface Record {
  readonly services: readonly ServiceRecord[]
  readonly downtimes: readonly Downtime[]
  readonly runs: ReadonlyMap<string, Run>
  readonly gaps: readonly Gap[]
  readonly log: readonly Entry[]
}

/** @param since times before are of no interest, in ms since the epoch; @param cursor entries up to this one are not either */
export async function recordOf({ place }: Universe, since?: number, cursor = 0): Promise<Record> {
  const reader = memoryStorage(place)
  await reader.open({} as never, { monitor: 'default', readOnly: true })
  const query = { from: since }
  const runs = await all(reader.runs(query))
  return {
    services: await reader.services({ removed: true }),
    downtimes: await all(reader.downtimes(query)),
    runs: new Map(runs.map((run) => [run.id, run])),
    gaps: await all(reader.gaps(query)),
    log: await all(reader.changes(cursor)),
  }
}

/** What is seen again at the next look: streaks that had no end yet, in ms. */
const OVERLAP = 30_000

/** What the record may say, given nothing but what the checks have seen. Throws where it says anything else. */
export class Oracle {
  /** Streaks whose beginning and end were both seen in one run, so that nothing about them is open to question. */
  judged = 0
  /** Check results that the record vouches for. */
  vouched = 0
  term = 0
  readonly #universe: Universe
  readonly #isExact: boolean
  /** Downtimes that were told when they were over. */
  readonly #told = new Set<string>()
  #since = Number.NEGATIVE_INFINITY
  #cursor = 0
  #seen = 0
  #record!: Record
  #byService = new Map<string, Result[]>()
  #downtimes = new Map<string, Downtime[]>()
  #gaps = new Map<string, Gap[]>()

  /** @param isExact whether all clocks agree, so that the order of times is the order of things */
  constructor(universe: Universe, isExact: boolean) {
    this.#universe = universe
    this.#isExact = isExact
  }

  /** At a moment at which everything is well, and has been for a while. */
  async look(): Promise<Record> {
    const since = this.#isExact && Number.isFinite(this.#since) ? this.#since : undefined
    this.#record = await recordOf(this.#universe, since, this.#cursor)
    const results = this.#universe.results.slice(this.#seen)
    this.#byService = groupBy(results, ({ service }) => service)
    this.#downtimes = groupBy(this.#record.downtimes, ({ service }) => service)
    this.#gaps = groupBy(this.#record.gaps, ({ service }) => service)
    this.#checkLog()
    for (const { id, monitored } of this.#record.services) this.#checkService(id, monitored)
    this.#moveOn()
    return this.#record
  }

  /** An older copy has taken the record's place: all is seen again that it may vouch for. */
  forget({ cursor, term, end }: Remainder): void {
    this.#cursor = cursor
    this.term = term
    this.#seeFrom(Math.min(this.#since, end - OVERLAP))
    this.#universe.told.clear()
    this.#universe.isRestored = true
  }

  #checkService(id: string, monitored: ServiceRecord['monitored']): void {
    this.#checkShape(id)
    if (!this.#isExact) return
    this.#checkOverlap(id)
    this.#checkEdges(id, monitored)
    this.#checkStreaks(id, monitored)
    this.#checkVouching(id, monitored)
  }

  #moveOn(): void {
    this.#cursor += this.#record.log.length
    this.#seeFrom(START + this.#universe.time - OVERLAP)
  }

  #seeFrom(since: number): void {
    const { results } = this.#universe
    this.#since = since
    this.#seen = results.findIndex(({ at }) => at >= since)
    if (this.#seen < 0) this.#seen = results.length
  }

  /** Terms never go back, and each begins with the word of who leads, who is one. */
  #checkLog(): void {
    this.#record.log.forEach(({ seq, term, events }, index) => {
      insist(seq === this.#cursor + index + 1, `an entry has the number ${seq}`)
      insist(term >= this.term, `term ${term} after ${this.term}`)
      if (term > this.term) insist(events[0]?.type === 'led', `term ${term} begins without a leader`)
      this.term = term
      for (const fact of events) if (fact.type === 'down' && fact.end !== undefined) this.#told.add(fact.id)
    })
  }

  /** Of one that is alone no word may be lost: what listeners were told is on record. */
  async checkTold(): Promise<void> {
    const { downtimes } = await recordOf(this.#universe)
    const ofService = groupBy(downtimes, ({ service }) => service)
    for (const [id, { service, at }] of this.#universe.told) {
      // In the record of an earlier time another one may be open, which goes on then.
      const isThere = ofService
        .get(service)
        ?.some(({ start, end }) => start === at || (start < at && at < (end ?? Infinity)))
      insist(!!isThere, `the downtime ${id} was told, and is lost`)
    }
    this.#universe.told.clear()
    this.#universe.isRestored = false
  }

  #checkShape(service: string): void {
    const downtimes = this.#downtimes.get(service) ?? []
    insist(downtimes.filter(({ end }) => end === null).length <= 1, `${service} is down twice at once`)
    for (const { start, end } of [...downtimes, ...(this.#gaps.get(service) ?? [])])
      insist(end === null || end >= start, `${service}: ${start} to ${end}`)
  }

  #checkOverlap(service: string): void {
    const downtimes = this.#downtimes.get(service) ?? []
    downtimes.forEach(({ start, end }, index) => {
      const next = downtimes[index + 1]
      if (next)
        insist(end !== null && end <= next.start, `${service}: ${start} to ${end} and from ${next.start}`)
    })
  }

  /** A downtime begins with a check that failed, and ends with one that did not, or with what ends everything. */
  #checkEdges(service: string, monitored: ServiceRecord['monitored']): void {
    const results = this.#byService.get(service) ?? []
    const [failed, good] = [false, true].map(
      (ok) => new Set(results.filter((one) => one.ok === ok).map(({ at }) => at)),
    )
    const removed = new Set(monitored.map(({ end }) => end))
    for (const { id, start, end } of this.#downtimes.get(service) ?? []) {
      insist(failed!.has(start) || start < this.#since, `${service}: no check failed at ${start}`)
      const isEnd =
        end === null || good!.has(end) || removed.has(end) || this.#told.has(id) || start < this.#since
      insist(isEnd, `${service}: no check was good at ${end}, the end of what began at ${start}`)
    }
  }

  /** Each streak within one run, between two good checks, is a downtime from its first check to the good one, or none. */
  #checkStreaks(service: string, monitored: ServiceRecord['monitored']): void {
    for (const results of groupBy(this.#byService.get(service) ?? [], keyOf).values()) {
      let before: Result | undefined
      let streak: Result[] = []
      let last = Number.NEGATIVE_INFINITY
      for (const result of results) {
        // A streak does not go on across a gap.
        if (result.at - last > EVERY) {
          before = undefined
          streak = []
        }
        last = result.at
        if (!result.ok) {
          streak.push(result)
          continue
        }
        const removed = monitored.find(
          ({ end }) => end !== null && end > (before?.at ?? 0) && end <= result.at,
        )
        const isClean = before && !removed && this.#isVouched(result)
        if (isClean && streak.length) this.#checkStreak(service, streak, result)
        if (this.#isVouched(result)) this.#checkUp(service, result)
        before = result
        streak = []
      }
    }
  }

  #checkStreak(service: string, streak: readonly Result[], good: Result): void {
    const [first] = streak as [Result]
    const found = (this.#downtimes.get(service) ?? []).filter(({ start }) => start === first.at)
    this.judged++
    if (streak.length < ATTEMPTS)
      return insist(!found.length, `${service}: a soft failure at ${first.at} is a downtime`)
    insist(found.length === 1, `${service}: the downtime from ${first.at} to ${good.at} is lost`)
    insist(
      found[0]!.end === good.at,
      `${service}: down from ${first.at} to ${found[0]!.end}, not to ${good.at}`,
    )
  }

  #checkUp(service: string, { at }: Result): void {
    this.vouched++
    const covers = (this.#downtimes.get(service) ?? []).find(
      ({ start, end }) => start <= at && at < (end ?? Infinity),
    )
    insist(!covers, `${service} was up at ${at}, and is down from ${covers?.start} to ${covers?.end}`)
  }

  #isVouched({ run, at }: Result): boolean {
    const { start = 0, end = -1 } = this.#record.runs.get(run) ?? {}
    return start <= at && at < end
  }

  /** Where the record says that somebody looked, somebody did. */
  #checkVouching(service: string, monitored: ServiceRecord['monitored']): void {
    const gaps = this.#gaps.get(service) ?? []
    for (const [run, results] of groupBy(this.#byService.get(service) ?? [], ({ run }) => run)) {
      const recorded = this.#record.runs.get(run)
      if (!recorded) continue
      const watched = monitored.map(
        ({ start, end }) =>
          [Math.max(start, recorded.start, this.#since), Math.min(end ?? Infinity, recorded.end)] as const,
      )
      for (const [from, to] of watched) this.#checkWatched(service, from, to, results, gaps)
    }
  }

  #checkWatched(
    service: string,
    from: number,
    to: number,
    results: readonly Result[],
    gaps: readonly Gap[],
  ): void {
    const seen = results.map(({ at }) => at).filter((at) => from <= at && at <= to)
    const moments = [from, ...seen, to]
    for (let i = 1; i < moments.length; i++) {
      const [start, end] = [moments[i - 1]!, moments[i]!]
      if (end - start <= EVERY + SLACK) continue
      const blind = gaps.reduce(
        (sum, gap) => sum + Math.max(0, Math.min(end, gap.end ?? Infinity) - Math.max(start, gap.start)),
        0,
      )
      insist(
        end - start - blind <= EVERY + SLACK,
        `${service}: nobody looked from ${start} to ${end}, and the record vouches for it`,
      )
    }
  }
}

const keyOf = ({ process, run, turn }: Result) => `${process} ${run} ${turn}`

export function insist(isTrue: boolean, message: string): void {
  if (!isTrue) throw new Error(message)
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
