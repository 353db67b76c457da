import { memoryStorage } from '@uptimeserver/testing'
import type { Downtime, Entry, Gap, Reader, Run, ServiceRecord } from '../../src/index.js'
import { all } from '../../src/kit/all.js'
import { ATTEMPTS, EVERY, type Result, type Universe } from './machine.js'

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

export async function recordOf({ place }: Universe): Promise<Record> {
  const reader: Reader & { open: unknown } = await opened(place)
  const runs = await all(reader.runs())
  return {
    services: await reader.services({ removed: true }),
    downtimes: await all(reader.downtimes()),
    runs: new Map(runs.map((run) => [run.id, run])),
    gaps: await all(reader.gaps()),
    log: await all(reader.changes(0)),
  }
}

async function opened(place: Universe['place']) {
  const storage = memoryStorage(place)
  await storage.open({} as never, { monitor: 'default', readOnly: true })
  return storage
}

/** What the record may say, given nothing but what the checks have seen. Throws where it says anything else. */
export class Oracle {
  /** Streaks whose beginning and end were both seen in one run, so that nothing about them is open to question. */
  judged = 0
  /** Check results that the record vouches for. */
  vouched = 0
  readonly #record: Record
  readonly #byService: Map<string, Result[]>
  readonly #downtimes: Map<string, Downtime[]>
  readonly #gaps: Map<string, Gap[]>

  constructor(record: Record, results: readonly Result[]) {
    this.#record = record
    this.#byService = groupBy(results, ({ service }) => service)
    this.#downtimes = groupBy(record.downtimes, ({ service }) => service)
    this.#gaps = groupBy(record.gaps, ({ service }) => service)
  }

  /** @param isExact whether all clocks agree, so that the order of times is the order of things */
  check(isExact: boolean): void {
    this.#checkLog()
    for (const { id, monitored } of this.#record.services) {
      this.#checkShape(id)
      if (!isExact) continue
      this.#checkOverlap(id)
      this.#checkEdges(id, monitored)
      this.#checkStreaks(id, monitored)
      this.#checkVouching(id, monitored)
    }
  }

  /** Terms never go back, and each begins with the word of who leads, who is one. */
  #checkLog(): void {
    let term = 0
    this.#record.log.forEach((entry, index) => {
      insist(entry.seq === index + 1, `entry ${index} has the number ${entry.seq}`)
      insist(entry.term >= term, `term ${entry.term} after ${term}`)
      if (entry.term > term)
        insist(entry.events[0]?.type === 'led', `term ${entry.term} begins without a leader`)
      term = entry.term
    })
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
    const told = new Set(
      this.#record.log.flatMap(({ events }) =>
        events.flatMap((fact) => (fact.type === 'down' && fact.end !== undefined ? [fact.id] : [])),
      ),
    )
    for (const { id, start, end } of this.#downtimes.get(service) ?? []) {
      insist(failed!.has(start), `${service}: no check failed at ${start}`)
      const isEnd = end === null || good!.has(end) || removed.has(end) || told.has(id)
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
          [Math.max(start, recorded.start), Math.min(end ?? Infinity, recorded.end)] as const,
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
