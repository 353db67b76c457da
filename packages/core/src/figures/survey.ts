import type { Downtime, Reader, ServiceRecord } from '../contracts.js'
import type { Ground } from './availability.js'
import { Grounds } from './grounds.js'
import type { Group } from './groups.js'
import type { Pace } from './pace.js'
import type { Spans } from './spans.js'
import type { Stretch } from './stretch.js'
import type { Tally } from './tally.js'

/** A service that is counted. */
export interface Subject {
  readonly record: Pick<ServiceRecord, 'id' | 'monitored'>
  readonly tallies: readonly Tally[]
  readonly groups: readonly Group[]
}

export interface SurveyPlan extends Stretch {
  readonly reader: Reader
  /** When the monitor ran. */
  readonly runs: Spans
  readonly subjects: readonly Subject[]
  readonly groups: readonly Group[]
  readonly pace: Pace
}

/** So many services are asked for by name; of more, all are read. */
const BY_NAME = 500

const ROWS_BETWEEN = 64

/**
 * Counts one stretch of time: reads each interval once, in the order of its start, and keeps none of them, so that
 * memory does not grow with the record.
 */
export async function survey(plan: SurveyPlan): Promise<void> {
  const { reader, from, until, subjects, groups, pace } = plan
  if (until <= from || !subjects.length) return
  const services = subjects.length > BY_NAME ? undefined : subjects.map(({ record }) => record.id)
  const grounds = await Grounds.load(reader, { from, until, services }, plan.runs)
  const counts = new Map<string, Count>()
  for (const subject of subjects) {
    counts.set(subject.record.id, new Count(subject, grounds.of(subject.record), plan))
    if (pace.isDue) await pace.rest()
  }
  for (const group of groups) group.begin()
  let read = 0
  for await (const downtime of reader.downtimes({ from, to: until, services })) {
    if (!isExcluded(downtime)) counts.get(downtime.service)?.add(downtime, until)
    // To ask for the time costs as much as a downtime does.
    if (++read % ROWS_BETWEEN === 0 && pace.isDue) await pace.rest()
  }
  await pace.rest()
  for (const group of groups) group.end(plan)
}

/** Whether the latest word on a downtime is that it does not count. */
export function isExcluded({ corrections }: Pick<Downtime, 'corrections'>): boolean {
  return corrections.at(-1)?.exclude ?? false
}

/** One service's way through the stretch. Millions of downtimes come through here. */
class Count {
  readonly #tallies: readonly Tally[]
  readonly #groups: readonly Group[]
  readonly #lit: Spans
  readonly #gaps: Spans
  /** Where in `lit` and in `gaps` the way has come to. */
  #at = 0
  #gapAt = 0
  /** Downtime before this was counted already. */
  #covered: number

  constructor({ tallies, groups }: Subject, ground: Ground, stretch: Stretch) {
    this.#tallies = tallies
    this.#groups = groups
    this.#lit = ground.lit
    this.#gaps = ground.gaps
    this.#covered = stretch.from
    for (const tally of tallies) tally.addGround(ground, stretch)
    for (const group of groups) group.addGround(ground)
  }

  add({ start, end }: Downtime, until: number): void {
    const first = Math.max(start, this.#covered)
    const last = Math.min(end ?? until, until)
    if (last <= first) return
    this.#covered = last
    const lit = this.#lit
    while (this.#at < lit.length && lit[this.#at + 1]! <= first) this.#at += 2
    for (let i = this.#at; i < lit.length && lit[i]! < last; i += 2) {
      this.#countLit(start, last, Math.max(lit[i]!, first), Math.min(lit[i + 1]!, last))
    }
  }

  /** Counts a stretch in which the monitor ran, but for the gaps in it. */
  #countLit(start: number, end: number, from: number, until: number): void {
    const gaps = this.#gaps
    while (this.#gapAt < gaps.length && gaps[this.#gapAt + 1]! <= from) this.#gapAt += 2
    let begin = from
    for (let i = this.#gapAt; i < gaps.length && gaps[i]! < until; i += 2) {
      if (begin < gaps[i]!) this.#count(start, end, begin, gaps[i]!)
      begin = gaps[i + 1]!
    }
    if (begin < until) this.#count(start, end, begin, until)
  }

  #count(start: number, end: number, from: number, until: number): void {
    for (const tally of this.#tallies) tally.addDown(start, from, until)
    for (const group of this.#groups) group.addDown(start, end, from, until)
  }
}
