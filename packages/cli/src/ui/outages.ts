import { formatDuration, type Runner, type TransitionEvent } from '@uptimeserver/core'
import { plural, timeOfDay } from './format.js'
import type { Cell } from './line.js'

/** How many the summary lists at most: the last ones. */
const MOST = 20

interface Outage {
  readonly name: string
  readonly start: number
  end: number | null
}

/** Every outage since the monitor was started. */
export class Outages {
  readonly #all = new Map<string, Outage>()

  get count(): number {
    return this.#all.size
  }

  watch(runner: Runner): void {
    runner.on('transition', (event) => this.#onTransition(event))
  }

  /** The outage that a transition is about. */
  of({ downtime }: TransitionEvent): Outage | undefined {
    return downtime === null ? undefined : this.#all.get(downtime)
  }

  /** @param handedOver when another instance took over: what became of an open one is not seen here */
  summary(now: number, handedOver?: number): Cell[][] {
    const seen = handedOver ?? now
    const open = handedOver === undefined ? 'still open' : 'open when another took over'
    const lines = [...this.#all.values()].slice(-MOST).map(({ name, start, end }) => {
      const length = end === null ? `${formatDuration(seen - start)}, ${open}` : formatDuration(end - start)
      return [`  ${timeOfDay(start)} for ${length}: ${name}`]
    })
    const earlier = this.count - lines.length
    return earlier ? [[`  … after ${plural(earlier, 'earlier one')}`], ...lines] : lines
  }

  #onTransition(event: TransitionEvent): void {
    const { service, downtime, to, at } = event
    if (downtime && to === 'down') this.#all.set(downtime, { name: service.name, start: at, end: null })
    const outage = this.of(event)
    if (outage && to === 'up') outage.end = at
  }
}
