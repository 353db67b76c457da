import type { Detail, MaintenanceSet } from '../contracts.js'
import type { Emitter } from '../emitter.js'
import type { RunnerEvents, ServiceStatus, TransitionEvent } from '../events.js'
import type { Journal } from '../journal/journal.js'
import type { Kept } from '../journal/safekeeping.js'
import { WHICHEVER } from '../leadership/history.js'
import { storedDetail } from '../outcome.js'
import type { Ledger, Statement } from './ledger.js'
import { type State, wasDown } from './state.js'
import type { Target } from './target.js'

/** Turns what happens to services into facts, and tells the listeners once a fact is kept. */
export class Bookkeeper {
  /** Facts were left out because the queue is full. Nothing is vouched for until `reconcile`. */
  lost = false
  /** What the storage knows is not known, such as which downtimes are open. */
  isProvisional = false
  /** Services that went while no fact could be stated. */
  readonly #removals: Gone[] = []
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

  added(target: Target): void {
    if (!this.#hasRoom()) return
    target.record = 'current'
    this.#ledger.state({ type: 'service-added', service: target.facts })
  }

  changed(target: Target): void {
    if (target.record === 'none') return this.added(target)
    const isStated = this.#hasRoom()
    target.record = isStated ? 'current' : 'stale'
    if (isStated) this.#ledger.state({ type: 'service-changed', service: target.facts })
  }

  /** A service is monitored no more. Closes what is open. */
  removed(gone: Gone): void {
    if (this.#hasRoom()) this.#remove(gone)
    else this.#removals.push(gone)
  }

  /** Nobody looked at a service. The short ones, as at every start, are recorded and not worth telling. */
  gap(target: Target, start: number, end: number, reason: string): void {
    if (this.quietGap(target, start, end, reason) && end - start > target.timing.every) {
      this.#emitter.emit('gap', { service: target.facts, start, end, reason })
    }
  }

  /** One that is told once for all services. Returns whether it is on record. */
  quietGap(target: Target, start: number, end: number, reason: string): boolean {
    target.gap = undefined
    if (end <= start || !this.#hasRoom()) return false
    this.#ledger.state({ type: 'gap', service: target.id, start, end, reason })
    return true
  }

  /**
   * Nobody looks at a service, until further notice. Stated while it goes on, so that nothing is vouched for when the
   * process ends without a word. Returns whether it is on record.
   */
  blind(service: string, start: number, reason: string, monotonic?: number): boolean {
    if (!this.#hasRoom()) return false
    this.#ledger.admit({ type: 'gap', service, start, end: null, reason }, monotonic)
    return true
  }

  /** Agreed time. Returns whether it is on record. */
  maintenance(statement: Statement<MaintenanceSet>): boolean {
    const isStated = this.#hasRoom()
    if (isStated) this.#ledger.state(statement)
    return isStated
  }

  /** A service's state has changed. */
  moved(target: Target, before: State, detail: Detail | undefined): void {
    const [from, to] = [before.status, target.state.status]
    if (from === to) return
    const event = { from, to, service: this.#statusOf(target), at: target.lastCheck!, reason: target.message }
    // Nothing is open or closed by not knowing, and one that is open goes on when it is confirmed.
    if (to === 'unknown' || (to === 'down' && wasDown(before) && target.downtime))
      this.#emitter.emit('transition', { ...event, downtime: target.downtime ?? null, stored: null })
    else if (to === 'down') this.#opened(target, before, detail, { ...event, at: target.state.since! })
    else if (from === 'down' || (to === 'up' && target.downtime)) this.#closed(target, before, event)
    else if (to === 'up' && this.isProvisional) this.#sawUp(target, before, event)
    else this.#emitter.emit('transition', { ...event, downtime: null, stored: null })
  }

  /** Makes up for facts that were left out: states what is so now, with its true times. */
  reconcile(targets: Iterable<Target>): void {
    for (const gone of this.#removals.splice(0)) this.#remove(gone)
    for (const target of targets) {
      if (target.record !== 'current') this.changed(target)
      const { status } = target.state
      if (status === 'down' && !target.downtime) target.downtime = this.#open(target, undefined)
      if ((status === 'up' || status === 'soft') && target.downtime) this.#close(target, target.downtime, 0)
    }
  }

  #remove({ id, downtime, downSince, gap }: Gone): void {
    const now = this.#ledger.now()
    if (downtime) {
      const end = Math.max(now, downSince ?? 0)
      this.#ledger.state({ type: 'up', service: id, downtime, end, reason: 'removed' })
    }
    if (gap !== undefined)
      this.#ledger.state({ type: 'gap', service: id, start: gap, end: Math.max(now, gap), reason: 'removed' })
    this.#ledger.state({ type: 'service-removed', service: id })
  }

  #opened(target: Target, before: State, detail: Detail | undefined, event: Told): void {
    if (!this.#hasRoom()) return this.#tell(event, null, false)
    // One whose end did not fit into the queue: it ended when the service came up before this outage.
    if (target.downtime) this.#end(target, target.downtime, before.since ?? event.at)
    const downtime: string = this.#open(target, detail, (stored) => this.#tell(event, downtime, stored))
    target.downtime = downtime
  }

  #closed(target: Target, before: State, event: Told): void {
    const { downtime } = target
    if (!downtime || !this.#hasRoom()) return this.#tell(event, downtime ?? null, false)
    this.#close(target, downtime, before.since ?? 0, (stored) => this.#tell(event, downtime, stored))
  }

  /** Whatever the storage knows to be open ends here. */
  #sawUp(target: Target, { since }: State, event: Told): void {
    if (since === null && this.#hasRoom()) this.#end(target, WHICHEVER, event.at)
    this.#emitter.emit('transition', { ...event, downtime: null, stored: null })
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
    this.#end(target, downtime, Math.max(target.state.since ?? this.#ledger.now(), start), kept)
  }

  #end(target: Target, downtime: string, end: number, kept?: Kept): void {
    target.downtime = undefined
    this.#ledger.state({ type: 'up', service: target.id, downtime, end, reason: 'recovered' }, kept)
  }

  #tell(event: Told, downtime: string | null, stored: boolean): void {
    this.#emitter.emit('transition', { ...event, downtime, stored })
  }

  #hasRoom(): boolean {
    if (!this.lost && this.#journal.full) this.lost = this.#ledger.mute = true
    return !this.lost
  }
}

/** A service that goes, and what is open of it. */
export interface Gone {
  readonly id: string
  readonly downtime: string | undefined
  readonly downSince: number | null
  readonly gap: number | undefined
}

type Told = Omit<TransitionEvent, 'downtime' | 'stored'>
