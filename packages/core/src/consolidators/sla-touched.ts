import type { Downtime, Event, Reader, ServiceRecord } from '../contracts.js'
import { type Spans, spansOf, subtract, unite } from '../figures/spans.js'
import type { SlaState } from './sla-record.js'

/** A stretch of the past that is known otherwise now. */
export interface Touch {
  readonly from: number
  readonly to: number
  readonly because: string
}

/** What has become known of the time before `state.at` since then, by service. */
export async function findTouched(
  reader: Reader,
  state: SlaState,
  services: readonly ServiceRecord[],
  runs: Spans,
): Promise<Map<string, Touch[]>> {
  const touched = new Touched(state, services)
  touched.compareRuns(runs)
  const known = new Set(state.services)
  for (const { id, monitored } of services) {
    if (!known.has(id)) touched.add(id, monitored[0]?.start ?? Infinity, 'it was not reported on before')
  }
  const corrected = new Map<string, string>()
  for await (const { events } of reader.changes(state.cursor)) {
    for (const event of events) {
      if (event.type === 'correction') corrected.set(event.downtime, correctionOf(event))
      else touched.take(event)
    }
  }
  for await (const downtime of downtimesOf(reader, [...corrected.keys()])) {
    touched.add(downtime.service, downtime.start, corrected.get(downtime.id)!, downtime.end)
  }
  return touched.byService
}

async function* downtimesOf(reader: Reader, ids: readonly string[]): AsyncGenerator<Downtime> {
  if (ids.length) yield* reader.downtimes({ ids })
}

function correctionOf({ exclude, author, reason }: Extract<Event, { type: 'correction' }>): string {
  return `a downtime was ${exclude ? 'excluded' : 'included again'} by ${author}: ${reason}`
}

class Touched {
  readonly byService = new Map<string, Touch[]>()
  readonly #state: SlaState
  readonly #services: ReadonlySet<string>
  /** Downtimes that became known, which may be closed by a later fact. */
  readonly #opened = new Map<string, { from: number; to: number; because: string }>()

  constructor(state: SlaState, services: readonly ServiceRecord[]) {
    this.#state = state
    this.#services = new Set(services.map(({ id }) => id))
  }

  add(service: string, from: number, because: string, end: number | null = null): Touch | undefined {
    const to = Math.min(end ?? this.#state.at, this.#state.at)
    if (from >= to || !this.#services.has(service)) return undefined
    const touch = { from, to, because }
    const touches = this.byService.get(service) ?? []
    touches.push(touch)
    this.byService.set(service, touches)
    return touch
  }

  compareRuns(runs: Spans): void {
    const { at } = this.#state
    const [before, now] = [this.#state.runs, within(runs, at)]
    const differences = unite(subtract(before, now), subtract(now, before))
    for (let i = 0; i < differences.length; i += 2) {
      for (const id of this.#services) this.add(id, differences[i]!, LATE_RUN, differences[i + 1]!)
    }
  }

  take(event: Event): void {
    switch (event.type) {
      case 'service-added':
        return void this.add(event.service.id, event.at, 'it was monitored, as became known later')
      case 'service-removed':
        return void this.add(event.service, event.at, 'it was removed, as became known later')
      case 'down':
        return this.#open(event)
      case 'up':
        return this.#close(event)
      case 'gap':
        return this.#gap(event)
      case 'maintenance':
        for (const id of event.services ?? this.#services)
          this.add(id, event.start, `maintenance: ${event.reason}`)
    }
  }

  #open({ id, service, start, reason }: Extract<Event, { type: 'down' }>): void {
    const touch = this.add(service, start, `a downtime became known later: ${reason}`)
    if (touch) this.#opened.set(id, touch)
  }

  #close({ service, downtime, end }: Extract<Event, { type: 'up' }>): void {
    const opened = this.#opened.get(downtime)
    if (opened) opened.to = Math.min(opened.to, end)
    else this.add(service, end, 'the end of a downtime became known later')
  }

  #gap({ service, start, end, reason }: Extract<Event, { type: 'gap' }>): void {
    const wasOpen = this.#state.gaps[service] === start
    if (wasOpen && (end ?? Infinity) >= this.#state.at) return
    this.add(service, start, `it was not observed: ${reason}`, wasOpen ? null : end)
  }
}

const LATE_RUN = 'when the monitor ran became known later'

export function within(spans: Spans, until: number): Spans {
  const intervals = Array.from({ length: spans.length / 2 }, (_, i) => ({
    start: spans[2 * i]!,
    end: spans[2 * i + 1]!,
  }))
  return spansOf(intervals, 0, until)
}
