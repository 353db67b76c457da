import type { Interval, Reader, ServiceRecord } from '../contracts.js'
import { type Base, baseOf, type Ground } from './availability.js'
import { addSpan, type Spans, spansOf, unite } from './spans.js'
import type { Stretch } from './stretch.js'

/** What intervals are asked for: those that touch a stretch, of some services or all. */
export interface StretchQuery extends Stretch {
  readonly services?: readonly string[] | undefined
}

/** A run whose last sign is younger goes on, in ms. */
const FRESH = 25_000

const NONE: Spans = []

/** Makes grounds for services, over one stretch of time. Services that differ in nothing share theirs. */
export class Grounds {
  readonly #stretch: Stretch
  readonly #runs: Spans
  /** Kept as bare spans: every service has a gap at the beginning of every run. */
  readonly #gaps = new Map<string, number[]>()
  readonly #windows = new Map<string, number[]>()
  /** Windows for every service. */
  readonly #shared: number[] = []
  readonly #bases = new Map<string, Base>()

  /** Reads what says when services could be seen. */
  static async load(reader: Reader, query: StretchQuery, runs: Spans): Promise<Grounds> {
    const { from, until: to, services } = query
    const grounds = new Grounds(query, runs)
    for await (const gap of reader.gaps({ from, to, services })) grounds.#add(grounds.#gaps, gap.service, gap)
    for await (const window of reader.maintenance({ from, to, services })) {
      if (!window.services) grounds.#clip(grounds.#shared, window)
      for (const id of window.services ?? []) grounds.#add(grounds.#windows, id, window)
    }
    return grounds
  }

  constructor(stretch: Stretch, runs: Spans) {
    this.#stretch = stretch
    this.#runs = runs
  }

  of({ id, monitored }: Pick<ServiceRecord, 'id' | 'monitored'>): Ground {
    const spans = spansOf(monitored, this.#stretch.from, this.#stretch.until)
    const { active, maintenance, lit } = this.#baseOf(spans, this.#windows.get(id))
    return { active, maintenance, lit, gaps: this.#gaps.get(id) ?? NONE }
  }

  #baseOf(monitored: Spans, own: Spans | undefined): Base {
    if (own) return baseOf(monitored, this.#runs, unite(this.#shared, own))
    const key = monitored.join()
    const base = this.#bases.get(key) ?? baseOf(monitored, this.#runs, this.#shared)
    this.#bases.set(key, base)
    return base
  }

  #add(own: Map<string, number[]>, service: string, interval: Interval): void {
    const spans = own.get(service) ?? []
    own.set(service, spans)
    this.#clip(spans, interval)
  }

  /** Intervals come in the order of their start. */
  #clip(spans: number[], { start, end }: Interval): void {
    const { from, until } = this.#stretch
    const first = Math.max(start, from)
    const last = Math.min(end ?? until, until)
    if (first < last && start < (end ?? until)) addSpan(spans, first, last)
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

/** Up to here nothing is missing any more: the last proof of life of a monitor that runs, or now. */
export function settledUntil(runs: Spans, now: number): number {
  const alive = runs.at(-1) ?? 0
  return now - alive < FRESH ? Math.min(alive, now) : now
}
