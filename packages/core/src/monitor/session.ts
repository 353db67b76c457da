import { within } from '../clock.js'
import type { ResolvedConfig } from '../config.js'
import type { Clock, Scope, Service } from '../contracts.js'
import type { Emitter } from '../emitter.js'
import { UptimeError } from '../errors.js'
import type { RunnerEvents, ServiceStatus } from '../events.js'
import type { Journal } from '../journal/journal.js'
import type { Leftover } from '../journal/journals.js'
import { reasonOf } from '../outcome.js'
import { createTimingResolver } from '../schema/timing.js'
import { Bookkeeper } from './bookkeeper.js'
import type { Consolidations } from './consolidations.js'
import { Fleet } from './fleet.js'
import { Ledger } from './ledger.js'
import { LoopWatch, type Standstill, whoBlocked } from './loop-watch.js'
import type { MaintenanceKeeper } from './maintenance-keeper.js'
import { Monitor } from './monitor.js'
import type { Publication } from './publication.js'
import { HEARTBEAT, Pulse, type PulseHost } from './pulse.js'
import type { References } from './references.js'
import { nothingRestored } from './restore.js'
import type { Follower, ServiceSet } from './roster.js'
import { Scheduler } from './scheduler.js'
import {
  consolidationsFor,
  factsLost,
  journalFor,
  leftoverOf,
  maintenanceFor,
  publicationFor,
  referencesFor,
  type SessionParts,
} from './session-parts.js'
import { statusOf, type Target } from './target.js'
import { Timeline } from './timeline.js'

/** What delivering what waits may take at the end, in ms. */
const FLUSH = 5_000

/** One turn of checking, from what is known of the present to the last fact: wires the parts, and holds no logic of theirs. */
export class Session implements PulseHost, Follower {
  readonly clock: Clock
  readonly #end = new AbortController()
  readonly #parts: SessionParts
  readonly #emitter: Emitter<RunnerEvents>
  readonly #timeline: Timeline
  readonly #journal: Journal
  readonly #ledger: Ledger
  readonly #books: Bookkeeper
  readonly #loop: LoopWatch<Target>
  readonly #references: References | undefined
  readonly #monitor: Monitor
  readonly #fleet: Fleet
  readonly #pulse: Pulse
  readonly #publication: Publication
  readonly #maintenance: MaintenanceKeeper
  #consolidations: Consolidations | undefined
  #loops: Promise<unknown> = Promise.resolve()
  #unsubscribe: () => void = () => undefined
  #saidLost = false

  constructor(parts: SessionParts) {
    const { context, emitter } = parts
    this.#parts = parts
    this.#emitter = emitter
    this.clock = context.clock
    this.#timeline = new Timeline(
      this.clock,
      (error) => this.#fail(error),
      () => this.#look(),
    )
    this.#journal = journalFor(parts)
    this.#ledger = new Ledger(this.clock, this.#journal)
    this.#books = new Bookkeeper(this.#ledger, this.#journal, emitter, (target) => this.#statusOf(target))
    this.#books.isProvisional = this.isProvisional
    this.#loop = new LoopWatch<Target>(this.clock)
    this.#references = referencesFor(parts, {
      timeline: this.#timeline,
      ledger: this.#ledger,
      look: this.#look,
      onSight: () => this.#monitor.findAgain(),
    })
    this.#monitor = this.#createMonitor()
    this.#pulse = new Pulse(this.clock, this.#timeline, this.#ledger, this)
    this.#publication = publicationFor(parts, this.#ledger, this.#journal, () => this.#fleet.targets)
    this.#ledger.alive(this.clock.monotonic())
    this.#fleet = this.#createFleet()
    this.#maintenance = maintenanceFor(parts, {
      ledger: this.#ledger,
      books: this.#books,
      targets: this.#fleet.targets,
    })
  }

  start(): void {
    const { config, roster } = this.#parts
    this.#emitter.emit('run', { run: this.#ledger.run, at: this.#ledger.start, reason: 'started' })
    this.#pulse.start()
    roster.follow(this)
    this.#loops = this.#maintenance.run(this.#end.signal)
    this.#unsubscribe = this.#emitter.on('services', () => this.#maintenance.onServices())
    if (!this.isProvisional) this.#consolidations = consolidationsFor(this.#parts, config, this.#end.signal)
    this.onPublish()
  }

  onPublish(): void {
    void this.#publication.publish()
  }

  get term(): number {
    return this.#parts.writer.term
  }

  /** It checks without knowing what the storage knows. */
  get isProvisional(): boolean {
    return this.#parts.restored === undefined
  }

  get overdue(): number {
    return this.#journal.overdue
  }

  /** The same turn goes on under another config: with other timing, agreed time and consolidators. */
  reload(config: ResolvedConfig): void {
    this.#fleet.retime(createTimingResolver(config.timing))
    this.#monitor.resize(config.concurrency)
    if (this.isProvisional) return
    this.#maintenance.replan(config.maintenance)
    this.#consolidations?.stop()
    this.#consolidations = consolidationsFor(this.#parts, config, this.#end.signal)
  }

  onSources(sources: readonly string[]): void {
    this.#fleet.reshape(sources)
  }

  /** Ends everything and delivers what waits. Returns how many facts the storage did not get. */
  async stop(): Promise<number> {
    await this.#halt()
    const unstored = await this.#journal.close(this.isProvisional ? 0 : FLUSH)
    if (!this.#parts.writer.refusal()) await within(this.clock, this.#publication.end(), FLUSH)
    return unstored
  }

  /**
   * Ends everything, as one that may not write any more. Returns the facts that the storage did not get.
   *
   * @param until until when it may vouch for anything, in ms since the epoch
   */
  async leave(until: number | undefined): Promise<Leftover> {
    await this.#halt()
    return leftoverOf(this.#parts, await this.#journal.halt(), until)
  }

  /** It may write no more, and vouches for nothing from then on, unless it regains that right. In ms since the epoch. */
  lapse(until: number): void {
    this.#journal.mark(until)
  }

  /** It may write again: what waits is tried at once. */
  regain(): void {
    this.#journal.mark(null)
    this.#journal.hurry()
  }

  consolidate(name: string, scope?: Scope): Promise<void> {
    if (this.#consolidations) return this.#consolidations.once(name, scope)
    throw new UptimeError('RUNNER_STATE', 'nothing is consolidated while the storage is away')
  }

  /** No more checks; states the last that can be said. */
  async #halt(): Promise<void> {
    const { roster } = this.#parts
    // One that stood still finds out here that it has to go: it must not vouch for that time.
    this.#look()
    const targets = [...this.#fleet.targets.values()]
    const now = this.clock.monotonic()
    this.#end.abort(new UptimeError('RUNNER_STATE', 'the monitor stops'))
    this.#unsubscribe()
    roster.follow(undefined)
    this.#fleet.blindness.note(now, 0)
    this.#timeline.clear()
    this.#monitor.haltAll(targets)
    this.#references?.halt()
    this.#ledger.alive(now)
    roster.release(targets.map(({ service }) => service))
    await Promise.all([this.#loops, this.#consolidations?.settle()])
  }

  status(): ServiceStatus[] {
    return [...this.#fleet.targets.values()].map((target) => this.#statusOf(target))
  }

  onBeat(lateMs: number): void {
    const incident = this.#loop.beat(lateMs)
    if (incident) this.#tellBlocked(incident)
  }

  onSplit(lastBeat: number, stillMs: number, reason: string): void {
    const incident = this.#loop.beat(stillMs)
    const culprits = (incident?.culprits ?? []).flatMap((target) =>
      target.launch ? [{ target, launch: target.launch }] : [],
    )
    if (incident && (culprits.length || incident.wasBusy)) this.#tellBlocked(incident)
    this.#fleet.blindness.note(lastBeat, 0)
    this.#ledger.alive(lastBeat)
    this.#beginRun(reason)
    for (const { target, launch } of culprits) this.#monitor.condemn(target, launch, stillMs)
  }

  onStill(now: number): void {
    this.#fleet.blindness.note(now, HEARTBEAT)
  }

  onHeartbeat(now: number): void {
    if (!this.#books.lost) {
      this.onStill(now)
      return this.#ledger.alive(now)
    }
    if (!this.#saidLost) this.#emitter.emit('error', { error: factsLost(this.#journal.limit) })
    this.#saidLost = true
    if (this.#journal.waiting > this.#journal.limit / 2) return
    this.#saidLost = this.#books.lost = false
    this.#beginRun('facts were lost while the storage took none')
    this.#books.reconcile(this.#fleet.targets.values())
  }

  #tellBlocked(incident: Standstill<Target>): void {
    const inFlight = [...this.#fleet.targets.values()].filter(({ slot }) => slot)
    this.#emitter.emit('blocked', { at: this.#ledger.now(), ...whoBlocked(incident, inFlight) })
  }

  onSet(source: string, services: ServiceSet): void {
    this.#look()
    this.#fleet.set(source, services)
  }

  /** A new run with a new anchor; every service is looked at anew, spread as at a start. */
  #beginRun(reason: string): void {
    const targets = [...this.#fleet.targets.values()]
    this.#monitor.haltAll(targets)
    this.#references?.restart()
    this.#ledger.begin()
    this.#ledger.mute = this.#books.lost
    this.#ledger.alive(this.clock.monotonic())
    for (const target of targets) target.unseen = { since: 0, observedUntil: 0 }
    this.#monitor.begin(targets)
    this.#emitter.emit('run', { run: this.#ledger.run, at: this.#ledger.start, reason })
  }

  #createMonitor(): Monitor {
    const { config } = this.#parts
    const parts = {
      clock: this.clock,
      log: this.#parts.context.log,
      timeline: this.#timeline,
      ledger: this.#ledger,
      books: this.#books,
      loop: this.#loop,
      references: this.#references,
      emitter: this.#emitter,
      statusOf: (target: Target) => this.#statusOf(target),
      look: this.#look,
      onSeen: (target: Target) => this.#publication.see(target),
      onRetired: (service: Service) => this.#parts.roster.retire(service),
    }
    return new Monitor(
      parts,
      (launch) => new Scheduler(this.clock, this.#timeline, config.concurrency, launch),
    )
  }

  #createFleet(): Fleet {
    const { config, restored = nothingRestored(), roster } = this.#parts
    return new Fleet(roster.sources, {
      ledger: this.#ledger,
      books: this.#books,
      monitor: this.#monitor,
      emitter: this.#emitter,
      restored,
      timingOf: createTimingResolver(config.timing),
      onSeen: (target) => this.#publication.see(target),
      onRetired: (service) => roster.retire(service),
    })
  }

  readonly #look = (): void => this.#pulse.look(this.clock.monotonic())

  readonly #toWall = (monotonic: number): number => this.#ledger.time(monotonic)

  #statusOf(target: Target): ServiceStatus {
    return statusOf(target, this.#toWall)
  }

  #fail(cause: unknown): void {
    const error = new UptimeError('PLUGIN_FAILED', `inside the schedule: ${reasonOf(cause)}`, { cause })
    this.#emitter.emit('error', { error })
  }
}
