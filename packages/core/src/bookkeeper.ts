import type { Detail, ServiceFacts } from './contracts.js'
import type { Emitter } from './emitter.js'
import type { RunnerEvents, ServiceStatus, TransitionEvent } from './events.js'
import type { Journal, Kept } from './journal.js'
import type { Ledger } from './ledger.js'
import { storedDetail } from './outcome.js'
import type { State } from './state.js'
import type { Target } from './target.js'

/** Turns what happens to services into facts, and tells the listeners once a fact is kept. */
export class Bookkeeper {
  /** Facts were left out because the queue is full. Nothing is vouched for until `reconcile`. */
  lost = false
  readonly #ledger: Ledger
  readonly #journal: Journal
  readonly #emitter: Emitter<RunnerEvents>
  readonly #statusOf: (target: Target) => ServiceStatus

  constructor(
    ledger: Ledger,
    journal: Journal,
    emitter: Emitter<RunnerEvents>,
    statusOf: (target: Target) => ServiceStatus,
  ) {
    this.#ledger = ledger
    this.#journal = journal
    this.#emitter = emitter
    this.#statusOf = statusOf
  }

  added(service: ServiceFacts): void {
    this.#ledger.state({ type: 'service-added', service })
  }

  changed(service: ServiceFacts): void {
    this.#ledger.state({ type: 'service-changed', service })
  }

  /** A service is monitored no more. Closes the downtime that is open. */
  removed(service: string, downtime: string | undefined, downSince: number | null): void {
    if (downtime) {
      const end = Math.max(this.#ledger.now(), downSince ?? 0)
      this.#ledger.state({ type: 'up', service, downtime, end, reason: 'removed' })
    }
    this.#ledger.state({ type: 'service-removed', service })
  }

  /** Nobody looked at a service. The short ones, as at every start, are recorded and not worth telling. */
  gap(target: Target, start: number, end: number, reason: string): void {
    if (end <= start || !this.#hasRoom()) return
    this.#ledger.state({ type: 'gap', service: target.id, start, end, reason })
    if (end - start > target.timing.every) {
      this.#emitter.emit('gap', { service: target.facts, start, end, reason })
    }
  }

  /** A service's state has changed. */
  moved(target: Target, before: State, detail: Detail | undefined): void {
    const [from, to] = [before.status, target.state.status]
    if (from === to) return
    const event = { from, to, service: this.#statusOf(target), at: target.lastCheck!, reason: target.message }
    if (to === 'down') this.#opened(target, detail, { ...event, at: target.state.since! })
    else if (from === 'down') this.#closed(target, before, event)
    else this.#emitter.emit('transition', { ...event, downtime: null, stored: null })
  }

  /** Makes up for facts that were left out: states what is so now, with its true times. */
  reconcile(targets: Iterable<Target>): void {
    this.lost = false
    for (const target of targets) {
      const { status } = target.state
      if (status === 'down' && !target.downtime) target.downtime = this.#open(target, undefined)
      if (status === 'up' && target.downtime) this.#close(target, target.downtime, 0)
    }
  }

  #opened(target: Target, detail: Detail | undefined, event: Told): void {
    if (target.downtime) return
    if (!this.#hasRoom()) return this.#tell(event, null, false)
    const downtime: string = this.#open(target, detail, (stored) => this.#tell(event, downtime, stored))
    target.downtime = downtime
  }

  #closed(target: Target, before: State, event: Told): void {
    const { downtime } = target
    if (!downtime || !this.#hasRoom()) return this.#tell(event, downtime ?? null, false)
    this.#close(target, downtime, before.since ?? 0, (stored) => this.#tell(event, downtime, stored))
  }

  #open(target: Target, detail: Detail | undefined, kept?: Kept): string {
    const { id, state, message } = target
    const reason = message ?? 'failed'
    return this.#ledger.state(
      { type: 'down', service: id, start: state.since!, reason, detail: storedDetail(detail) },
      kept,
    )
  }

  #close(target: Target, downtime: string, start: number, kept?: Kept): void {
    const end = Math.max(target.state.since!, start)
    target.downtime = undefined
    this.#ledger.state({ type: 'up', service: target.id, downtime, end, reason: 'recovered' }, kept)
  }

  #tell(event: Told, downtime: string | null, stored: boolean): void {
    this.#emitter.emit('transition', { ...event, downtime, stored })
  }

  #hasRoom(): boolean {
    this.lost ||= this.#journal.full
    return !this.lost
  }
}

type Told = Omit<TransitionEvent, 'downtime' | 'stored'>
