import { sleep } from '../clock.js'
import type { Clock, Logger, Maintenance, Range, Reader, ServiceFacts } from '../contracts.js'
import type { Emitter } from '../emitter.js'
import { messageOf } from '../errors.js'
import type { MaintenanceEvent, RunnerEvents } from '../events.js'
import type { MaintenancePlan } from '../schema/maintenance.js'
import { choose } from '../schema/selector.js'
import type { Bookkeeper } from './bookkeeper.js'

/** The longest it sleeps, in ms: so long it takes to notice that somebody set the clock. */
const NAP = 60_000
const OURS = 'config-'

export interface MaintenanceKeeperParts {
  readonly plans: readonly MaintenancePlan[]
  /** Windows that are on record and may go on, or came from one of the plans. */
  readonly known: readonly Maintenance[]
  /** What was before is settled: the last proof of life of an earlier run, or now. */
  readonly since: number
  readonly clock: Clock
  readonly log: Logger
  readonly emitter: Emitter<RunnerEvents>
  readonly now: () => number
  readonly services: () => Iterable<ServiceFacts>
  readonly books: Pick<Bookkeeper, 'maintenance'>
  /** Where people's own words about our windows are found. */
  readonly reader: Pick<Reader, 'maintenance'>
}

/**
 * Turns the config's maintenance into facts when its time comes, and makes up for what came while the monitor was off. A
 * later edit of the config changes nothing of what was before: it ends what goes on, and begins anew.
 */
export class MaintenanceKeeper {
  readonly #parts: MaintenanceKeeperParts
  readonly #known: Map<string, MaintenanceEvent>
  #plans: readonly MaintenancePlan[]
  /** Aborted when there are other plans. */
  #wake = new AbortController()
  /** Windows that are looked up just now. */
  readonly #lookedUp = new Set<string>()
  /** Whatever ended before is on record. */
  #done: number

  constructor(parts: MaintenanceKeeperParts) {
    this.#parts = parts
    this.#plans = parts.plans
    this.#done = parts.since
    this.#known = new Map(parts.known.map((window) => [window.window, window]))
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, now } = this.#parts
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true })
    this.#tellLate()
    while (!signal.aborted) {
      this.#wake = new AbortController()
      this.#endForgotten()
      for (; !this.#wake.signal.aborted; await sleep(clock, this.#untilNext(now()), this.#wake.signal))
        this.#stateDue()
    }
  }

  /** Other plans hold from now on. */
  replan(plans: readonly MaintenancePlan[]): void {
    this.#plans = plans
    this.#wake.abort()
  }

  /** The set of services has changed: windows that go on are for those that came, too. */
  onServices(): void {
    if (this.#plans.length) this.#stateDue()
  }

  /** States what has begun and is not on record, or is for more services now. */
  #stateDue(): void {
    const { since, now } = this.#parts
    const at = now()
    let isDone = true
    for (const plan of this.#plans) {
      for (const { start, end } of plan.times({ start: this.#done, end: at + 1 })) {
        const time = { start: Math.max(start, since), end }
        if (!this.#insist(plan, windowId(plan, start), time)) isDone = false
      }
    }
    if (isDone) this.#done = at
  }

  /** Returns whether it is on record as it should be. */
  #insist(plan: MaintenancePlan, window: string, { start, end }: Range): boolean {
    const known = this.#known.get(window)
    if (known && this.#wasEnded(known, end)) return true
    const services = this.#servicesOf(plan, known)
    if (services?.length === 0) return true
    if (!known) return this.#state({ window, start, end, reason: plan.reason, services })
    if (!services?.some((id) => !known.services?.includes(id))) return true
    if (!this.#lookedUp.has(window)) void this.#extend(plan, known, end)
    return false
  }

  /** Whether somebody ended it before its time. */
  #wasEnded({ end }: MaintenanceEvent, planned: number): boolean {
    return end !== null && end < planned && end <= this.#parts.now()
  }

  /** For services that came later, too: unless a person has ended it meanwhile, whose word holds. */
  async #extend(plan: MaintenancePlan, { window }: MaintenanceEvent, planned: number): Promise<void> {
    const { reader, log } = this.#parts
    this.#lookedUp.add(window)
    try {
      for await (const found of reader.maintenance({ ids: [window] })) this.#known.set(window, found)
      const known = this.#known.get(window)!
      const services = this.#servicesOf(plan, known)
      if (!this.#wasEnded(known, planned)) this.#state({ ...known, services })
    } catch (error) {
      log.debug(`maintenance "${plan.reason}" is looked up again in a while`, { error: messageOf(error) })
    } finally {
      this.#lookedUp.delete(window)
    }
  }

  #servicesOf({ filter }: MaintenancePlan, known: MaintenanceEvent | undefined): string[] | undefined {
    if (!filter) return undefined
    const { services, log } = this.#parts
    const chosen = choose([...services()], filter, log).map(({ id }) => id)
    return [...new Set([...(known?.services ?? []), ...chosen])]
  }

  /** What goes on and the config does not say any more. */
  #endForgotten(): void {
    const { now } = this.#parts
    const at = now()
    const times = { start: at, end: at + 1 }
    const meant = new Set(
      this.#plans.flatMap((plan) => plan.times(times).map(({ start }) => windowId(plan, start))),
    )
    for (const window of this.#known.values()) {
      const goesOn = window.start <= at && (window.end ?? Number.POSITIVE_INFINITY) > at
      if (goesOn && window.window.startsWith(OURS) && !meant.has(window.window))
        this.#state({ ...window, end: at })
    }
  }

  /** Windows for a time that is settled, which nobody recorded in time. */
  #tellLate(): void {
    const { since, log } = this.#parts
    for (const plan of this.#plans.filter(({ isOnce }) => isOnce)) {
      const [late] = plan.times({ start: Number.NEGATIVE_INFINITY, end: since })
      if (!late || late.end > since || this.#known.has(windowId(plan, late.start))) continue
      const from = new Date(late.start).toISOString()
      const mend = 'record time that is over with `uptime maintenance add`'
      log.warn(`maintenance "${plan.reason}" from ${from} came into the config too late; ${mend}`)
    }
  }

  #state(window: MaintenanceEvent): boolean {
    if (!this.#parts.books.maintenance({ type: 'maintenance', ...window })) return false
    this.#known.set(window.window, window)
    this.#parts.emitter.emit('maintenance', window)
    return true
  }

  #untilNext(at: number): number {
    if (!this.#plans.length) return Number.POSITIVE_INFINITY
    const soon = this.#plans.flatMap((plan) => plan.times({ start: at + 1, end: at + NAP }))
    const starts = soon.map(({ start }) => start).filter((start) => start > at)
    return Math.min(...starts, at + NAP) - at
  }
}

function windowId({ id }: MaintenancePlan, start: number): string {
  return `${OURS}${id}-${start}`
}

/** Windows that the config's rules make: one-off ones whenever they are, others as far as they touch a range. */
export function windowsOf(plans: readonly MaintenancePlan[], range: Range): string[] {
  const ever = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }
  return plans.flatMap((plan) =>
    plan.times(plan.isOnce ? ever : range).map(({ start }) => windowId(plan, start)),
  )
}
