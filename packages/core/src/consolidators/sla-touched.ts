import type { Downtime, Event, Reader, ServiceRecord } from '../contracts.js'
import { type Spans, spansOf, subtract, unite } from '../figures/spans.js'
import type { SlaState } from './sla-record.js'
import { changesOf, type Window } from './sla-windows.js'

/** A stretch of the past that is known otherwise now. */
export interface Touch {
  readonly from: number
  readonly to: number
  readonly because: string
}

/** What has become known since a state, of the time that is counted or frozen, by service. */
export async function findTouched(
  reader: Reader,
  state: SlaState,
  services: readonly ServiceRecord[],
  runs: Spans,
): Promise<Map<string, Touch[]>> {
  const touched = new Touched(state, services)
  touched.compareRuns(runs)
  for (const { id, monitored } of services) {
    if (!state.services[id]) touched.add(id, monitored[0]?.start ?? Infinity, 'it was not reported on before')
  }
  for await (const { events } of reader.changes(state.cursor)) for (const event of events) touched.take(event)
  for await (const downtime of downtimesOf(reader, touched.downtimes())) touched.see(downtime)
  touched.addMerged()
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
  /** What comes later is in no figure that is kept. */
  readonly #until: number
  readonly #services: ReadonlySet<string>
  /** Downtimes that became known. How far they reach is asked when all facts are seen. */
  readonly #opened = new Map<string, { service: string; start: number; because: string }>()
  /** Downtimes that somebody said something about. */
  readonly #corrected = new Map<string, string>()
  readonly #windows: Record<string, Window>

  constructor(state: SlaState, services: readonly ServiceRecord[]) {
    this.#state = state
    this.#until = Math.max(state.at, ...state.early.map(({ end }) => end))
    this.#services = new Set(services.map(({ id }) => id))
    this.#windows = { ...state.windows }
  }

  add(service: string, from: number, because: string, end: number | null = null): void {
    const to = Math.min(end ?? this.#until, this.#until)
    if (from >= to || !this.#services.has(service)) return
    const touches = this.byService.get(service) ?? []
    touches.push({ from, to, because })
    this.byService.set(service, touches)
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
        return this.#agree(event)
      case 'correction':
        return void this.#corrected.set(event.downtime, correctionOf(event))
    }
  }

  /** The downtimes whose extent has to be known. */
  downtimes(): string[] {
    return [...this.#opened.keys(), ...this.#corrected.keys()]
  }

  see({ id, service, start, end }: Downtime): void {
    const opened = this.#opened.get(id)
    if (opened) this.add(service, start, opened.because, end)
    this.#opened.delete(id)
    const corrected = this.#corrected.get(id)
    if (corrected) this.add(service, start, corrected, end)
  }

  /** What was stated while another downtime was open is that one, whose end may be an earlier one now. */
  addMerged(): void {
    for (const { service, start, because } of this.#opened.values()) this.add(service, start, because)
  }

  #open({ id, service, start, reason }: Extract<Event, { type: 'down' }>): void {
    if (start >= this.#until) return
    this.#opened.set(id, { service, start, because: `a downtime became known later: ${reason}` })
  }

  #close({ service, downtime, end }: Extract<Event, { type: 'up' }>): void {
    if (!this.#opened.has(downtime)) this.add(service, end, 'the end of a downtime became known later')
  }

  #agree({ window, start, end, services, reason }: Extract<Event, { type: 'maintenance' }>): void {
    const now = { start, end, services }
    for (const change of changesOf(this.#windows[window], now))
      for (const id of change.services ?? this.#services)
        this.add(id, change.from, `maintenance: ${reason}`, change.to)
    this.#windows[window] = now
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
