import { formatDuration, type Runner, type TransitionEvent } from '@uptimeserver/core'
import { dim, red, yellow } from './colors.js'
import { latency, statusCell, timeOfDay } from './format.js'
import type { Cell } from './line.js'
import type { Outages } from './outages.js'

const MOST = 6

/** What happened last, a line each. */
export class News {
  readonly #lines: Cell[][] = []
  readonly #outages: Outages
  /** Providers that see nothing new. */
  readonly #stale = new Set<string>()

  constructor(outages: Outages) {
    this.#outages = outages
  }

  watch(runner: Runner): void {
    runner.on('transition', (event) => this.#onTransition(event))
    runner.on('gap', ({ service, start, end }) =>
      this.note(yellow(`${service.name} was not observed for ${formatDuration(end - start)}`)),
    )
    runner.on('blocked', ({ ms, suspects }) =>
      this.note(yellow(`the event loop stood still for ${ms} ms: ${suspects.join(', ')}`)),
    )
    runner.on('run', ({ reason }) => {
      if (reason !== 'started') this.note(yellow(`a new run began: ${reason}`))
    })
    runner.on('provider', ({ name, staleSince }) => this.#onProvider(name, staleSince !== null))
    runner.on('storage', ({ error }) =>
      this.note(error ? yellow(`not stored: ${error.message}`) : 'the storage takes facts again'),
    )
    runner.on('blind', ({ since, reason }) =>
      this.note(since === null ? 'the monitor can see again' : yellow(`the monitor cannot see: ${reason}`)),
    )
    runner.on('error', ({ error }) => this.note(red(error.message)))
  }

  /** Also a line per check. */
  watchChecks(runner: Runner): void {
    runner.on('check', ({ service, ok }) =>
      this.note(nameOf(service), ` ${ok ? 'ok' : service.message} in ${latency(service.latencyMs)}`),
    )
  }

  note(...cells: readonly Cell[]): void {
    this.#lines.push([dim(timeOfDay(Date.now())), ' ', ...cells])
    if (this.#lines.length > MOST) this.#lines.shift()
  }

  /** So many of the last lines. */
  latest(count: number): readonly (readonly Cell[])[] {
    return this.#lines.slice(-Math.max(1, count))
  }

  /** What came in its way is told by the log. */
  #onProvider(name: string, isStale: boolean): void {
    if (isStale) this.#stale.add(name)
    else if (this.#stale.delete(name)) this.note(`provider ${name} sees again`)
  }

  #onTransition(event: TransitionEvent): void {
    const { service, from, to, reason, at } = event
    if (from === 'unknown' && to === 'up') return
    const outage = from === 'down' ? this.#outages.of(event) : undefined
    const lasted = outage ? `, was down for ${formatDuration(at - outage.start)}` : ''
    this.note(nameOf(service), ' ', statusCell(service), reason ? `: ${reason}` : lasted)
  }
}

/** What became of it matters as much as who it is. */
function nameOf({ name }: { readonly name: string }): Cell {
  return { text: name, paint: String, yields: true }
}
