import type { Service, ServiceFacts, ServiceRecord, Timing } from '../contracts.js'
import type { Emitter } from '../emitter.js'
import type { RunnerEvents } from '../events.js'
import { sameFacts } from '../identity.js'
import { Blindness, blindSince } from './blindness.js'
import type { Bookkeeper } from './bookkeeper.js'
import { type Change, type Held, Inventory } from './inventory.js'
import type { Ledger } from './ledger.js'
import type { Monitor } from './monitor.js'
import { type Restored, stateFrom } from './restore.js'
import { Target } from './target.js'

export interface FleetParts {
  readonly ledger: Ledger
  readonly books: Bookkeeper
  readonly monitor: Monitor
  readonly emitter: Emitter<RunnerEvents>
  readonly restored: Restored
  readonly timingOf: (service: Service) => Timing
  readonly onRetired: (service: Service) => void
  readonly onSeen: (target: Target) => void
}

/** The services under watch: follows the sources' sets, and keeps record and schedule in step with them. */
export class Fleet {
  readonly targets = new Map<string, Target>()
  readonly blindness: Blindness
  readonly #inventory: Inventory
  #timingOf: (service: Service) => Timing
  readonly #parts: FleetParts

  constructor(sources: readonly string[], parts: FleetParts) {
    this.#parts = parts
    this.#timingOf = parts.timingOf
    const { ledger, books, restored } = parts
    this.blindness = new Blindness({ ledger, books, restored, targets: this.targets })
    this.#inventory = new Inventory(sources)
    this.#inventory.restore([...parts.restored.services.values()])
  }

  /** Other timing holds from now on. */
  retime(timingOf: (service: Service) => Timing): void {
    this.#timingOf = timingOf
    for (const target of this.targets.values()) {
      const timing = timingOf(target.service)
      if (!sameTiming(timing, target.timing)) this.#parts.monitor.replace(target, target.service, timing)
    }
  }

  /** @param sources all of them from now on */
  reshape(sources: readonly string[]): void {
    this.#inventory.reshape(sources)
  }

  set(source: string, services: ReadonlyMap<string, Service>): void {
    const change = this.#inventory.replace(source, services)
    const removed = change.removed.flatMap((id) => this.#remove(id) ?? [])
    const changed = change.changed.map((held) => this.#change(held))
    const added = change.added.map((held) => this.#add(held))
    this.#parts.monitor.begin(added)
    this.#announce(source, change, added, changed, removed)
  }

  #add(held: Held): Target {
    const { restored, ledger, books } = this.#parts
    const record = restored.services.get(held.id)
    const since = record?.monitored.at(-1)?.start ?? ledger.now()
    const target = new Target(
      held,
      this.#timingOf(held.service),
      { since, observedUntil: since },
      this.#onDue,
    )
    if (record) this.#resume(target, record, since)
    else books.added(target)
    this.targets.set(held.id, target)
    this.#parts.onSeen(target)
    return target
  }

  readonly #onDue = (target: Target): void => this.#parts.monitor.due(target)

  /** Takes up what an earlier run knew of it. */
  #resume(target: Target, record: ServiceRecord, since: number): void {
    const { restored, books } = this.#parts
    const downtime = restored.downtimes.get(target.id)
    const live = restored.live.get(target.id)
    target.state = stateFrom(downtime, live)
    target.downtime = downtime?.id
    target.message = downtime?.reason ?? null
    target.gap = restored.gaps.get(target.id)
    // A streak is only known as far as it was published; while the storage was away it may have ended.
    const known = target.state.status === 'soft' ? live?.lastCheck : undefined
    const lastAlive = Math.max(since, restored.lastAlive ?? 0)
    const observedUntil = Math.min(lastAlive, target.gap ?? Number.MAX_VALUE, known ?? Number.MAX_VALUE)
    target.unseen = { since, observedUntil }
    target.record = 'current'
    if (!sameFacts(record, target.facts)) books.changed(target)
    this.#forgetRestored(target.id)
  }

  #change({ id, service, sources }: Held): Target {
    const target = this.targets.get(id)!
    const before = target.facts
    target.sources = sources
    this.#parts.monitor.replace(target, service, this.#timingOf(service))
    if (!sameFacts(before, target.facts)) this.#parts.books.changed(target)
    this.#parts.onSeen(target)
    return target
  }

  #remove(id: string): ServiceFacts | undefined {
    const target = this.targets.get(id)
    if (!target) return this.#removeRestored(id)
    const { books, monitor, ledger, onRetired } = this.#parts
    const { downtime, state, record } = target
    const gap = blindSince(target, ledger, monitor.clock.monotonic())
    if (record !== 'none') books.removed({ id, downtime, downSince: state.since, gap })
    monitor.halt(target)
    onRetired(target.service)
    this.targets.delete(id)
    return target.facts
  }

  /** One that no source has handed over again. */
  #removeRestored(id: string): ServiceFacts | undefined {
    const { restored, books } = this.#parts
    const facts = restored.services.get(id)
    const downtime = restored.downtimes.get(id)
    const gap = this.blindness.sinceRestored(id)
    books.removed({ id, downtime: downtime?.id, downSince: downtime?.start ?? null, gap })
    this.#forgetRestored(id)
    return facts
  }

  #forgetRestored(id: string): void {
    this.#parts.restored.services.delete(id)
    this.#parts.restored.downtimes.delete(id)
    this.#parts.restored.gaps.delete(id)
  }

  #announce(
    source: string,
    change: Change,
    added: Target[],
    changed: Target[],
    removed: ServiceFacts[],
  ): void {
    if (!change.added.length && !change.changed.length && !change.removed.length) return
    const factsIn = (targets: Target[]) => targets.map(({ facts }) => facts)
    this.#parts.emitter.emit('services', {
      source,
      added: factsIn(added),
      changed: factsIn(changed),
      removed,
    })
  }
}

function sameTiming(a: Timing, b: Timing): boolean {
  return (
    a.every === b.every &&
    a.retryEvery === b.retryEvery &&
    a.timeout === b.timeout &&
    a.attempts === b.attempts
  )
}
