import { type Ground, groundFrom } from './availability.js'
import type { Gap, Interval, Maintenance, Reader, ServiceRecord } from './contracts.js'
import { type Spans, spansOf } from './spans.js'

/** A stretch of time, in ms since the epoch, half-open. */
export interface Stretch {
  readonly from: number
  readonly until: number
}

/** What intervals are asked for: those that touch a stretch, of some services or all. */
export interface StretchQuery extends Stretch {
  readonly services?: readonly string[] | undefined
}

/** Makes grounds for services, over one stretch of time. Services that differ in nothing share theirs. */
export class Grounds {
  readonly #stretch: Stretch
  readonly #runs: Spans
  readonly #own = new Map<string, { gaps: Gap[]; windows: Maintenance[] }>()
  readonly #windows: Maintenance[] = []
  readonly #shared = new Map<string, Ground>()

  /** Reads what says when services could be seen. */
  static async load(reader: Reader, query: StretchQuery, runs: Spans): Promise<Grounds> {
    const { from, until: to, services } = query
    const grounds = new Grounds(query, runs)
    for await (const gap of reader.gaps({ from, to, services })) grounds.#ownOf(gap.service).gaps.push(gap)
    for await (const window of reader.maintenance({ from, to, services })) grounds.#take(window)
    return grounds
  }

  constructor(stretch: Stretch, runs: Spans) {
    this.#stretch = stretch
    this.#runs = runs
  }

  of({ id, monitored }: Pick<ServiceRecord, 'id' | 'monitored'>): Ground {
    const spans = this.#clip(monitored)
    const own = this.#own.get(id)
    if (own) return this.#make(spans, own.gaps, [...this.#windows, ...own.windows])
    const key = spans.join()
    const ground = this.#shared.get(key) ?? this.#make(spans, [], this.#windows)
    this.#shared.set(key, ground)
    return ground
  }

  #take(window: Maintenance): void {
    if (!window.services) this.#windows.push(window)
    for (const id of window.services ?? []) this.#ownOf(id).windows.push(window)
  }

  #ownOf(id: string) {
    const own = this.#own.get(id) ?? { gaps: [], windows: [] }
    this.#own.set(id, own)
    return own
  }

  #make(monitored: Spans, gaps: readonly Interval[], windows: readonly Interval[]): Ground {
    return groundFrom(monitored, this.#runs, this.#clip(gaps), this.#clip(windows))
  }

  #clip(intervals: readonly Interval[]): Spans {
    return spansOf(intervals, this.#stretch.from, this.#stretch.until)
  }
}

/** When any run of the monitor was there, within a stretch. */
export async function readRuns(
  reader: Reader,
  { from, until }: Stretch = { from: 0, until: Infinity },
): Promise<Spans> {
  const runs: Interval[] = []
  for await (const run of reader.runs({ from, to: until })) runs.push(run)
  return spansOf(runs, from, until)
}
