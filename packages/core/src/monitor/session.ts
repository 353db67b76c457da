import { within } from '../clock.js'
import type { ResolvedConfig } from '../config.js'
import type { Clock, Context, Event, Logger, Service, Storage } from '../contracts.js'
import { titleOf } from '../describe.js'
import type { Emitter } from '../emitter.js'
import { isUptimeError, UptimeError } from '../errors.js'
import type { ProviderStatus, RunnerEvents, ServiceStatus } from '../events.js'
import { reasonOf } from '../outcome.js'
import { createTimingResolver } from '../schema/timing.js'
import { Bookkeeper } from './bookkeeper.js'
import { type DiscoveryHost, ProviderLoop } from './discovery.js'
import { Fleet } from './fleet.js'
import { Journal } from './journal.js'
import { Ledger } from './ledger.js'
import { LoopWatch, type Standstill, whoBlocked } from './loop-watch.js'
import { MaintenanceKeeper } from './maintenance-keeper.js'
import { Monitor } from './monitor.js'
import { Publication } from './publication.js'
import { HEARTBEAT, Pulse, type PulseHost } from './pulse.js'
import type { Restored } from './restore.js'
import { Retirement } from './retirement.js'
import { Scheduler } from './scheduler.js'
import { statusOf, type Target } from './target.js'
import { Timeline } from './timeline.js'

/** What delivering what waits may take at the end, in ms. */
const FLUSH = 5_000

export interface SessionParts {
  readonly config: ResolvedConfig
  readonly storage: Storage
  readonly restored: Restored
  readonly context: Context
  readonly emitter: Emitter<RunnerEvents>
  /** Facts that may wait at most. */
  readonly queueLimit: number | undefined
}

/** One life of the monitor, from an opened storage to the last fact: wires the parts, and holds no logic of theirs. */
export class Session implements PulseHost, DiscoveryHost {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly #parts: SessionParts
  readonly #emitter: Emitter<RunnerEvents>
  readonly #timeline: Timeline
  readonly #journal: Journal
  readonly #ledger: Ledger
  readonly #books: Bookkeeper
  readonly #loop: LoopWatch<Target>
  readonly #monitor: Monitor
  readonly #fleet: Fleet
  readonly #pulse: Pulse
  readonly #publication: Publication
  readonly #retirement: Retirement
  readonly #providers: ProviderLoop[]
  readonly #maintenance: MaintenanceKeeper
  #loops: Promise<unknown> = Promise.resolve()
  #saidLost = false

  constructor(parts: SessionParts) {
    const { config, context, emitter, storage } = parts
    this.#parts = parts
    this.#emitter = emitter
    this.clock = context.clock
    this.log = context.log
    this.signal = context.signal
    this.#timeline = new Timeline(
      this.clock,
      (error) => this.#fail('PLUGIN_FAILED', 'inside the schedule', error),
      () => this.#look(),
    )
    this.#journal = this.#createJournal()
    this.#ledger = new Ledger(this.clock, this.#journal)
    this.#books = new Bookkeeper(this.#ledger, this.#journal, emitter, (target) => this.#statusOf(target))
    this.#loop = new LoopWatch<Target>(this.clock)
    this.#monitor = this.#createMonitor()
    this.#pulse = new Pulse(this.clock, this.#timeline, this.#ledger, this)
    this.#publication = this.#createPublication(storage)
    this.#retirement = new Retirement(this.clock, (service, error) =>
      this.#fail('PLUGIN_FAILED', `${titleOf(service)} failed to close`, error),
    )
    this.#ledger.alive(this.clock.monotonic())
    this.#fleet = this.#createFleet()
    this.#providers = config.providers.map((provider) => new ProviderLoop(provider, this))
    this.#maintenance = this.#createMaintenance()
  }

  start(): void {
    this.#emitter.emit('run', { run: this.#ledger.run, at: this.#ledger.start, reason: 'started' })
    this.#pulse.start()
    this.#fleet.setStatic(this.#parts.config.services)
    const loops = this.#providers.map((loop) => loop.run())
    this.#loops = Promise.all([...loops, this.#maintenance.run(this.signal)])
    this.#emitter.on('services', () => this.#maintenance.onServices())
    void this.#publication.publish()
  }

  /** Ends everything; the signal was aborted before. Returns how many facts the storage did not get. */
  async stop(): Promise<number> {
    const now = this.clock.monotonic()
    this.#fleet.blindness.note(now, 0)
    this.#timeline.clear()
    this.#monitor.haltAll(this.#fleet.targets.values())
    this.#ledger.alive(now)
    for (const { service } of this.#fleet.targets.values()) this.#retirement.retire(service)
    await this.#loops
    const unstored = await this.#journal.close(FLUSH)
    await within(this.clock, this.#publication.end(), FLUSH)
    await this.#retirement.settle()
    return unstored
  }

  status(): ServiceStatus[] {
    return [...this.#fleet.targets.values()].map((target) => this.#statusOf(target))
  }

  providers(): ProviderStatus[] {
    return this.#providers.map(({ status }) => status)
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

  onHeartbeat(now: number): void {
    if (!this.#books.lost) return this.#proveLife(now)
    if (!this.#saidLost) this.#sayLost()
    if (this.#journal.waiting > this.#journal.limit / 2) return
    this.#saidLost = this.#books.lost = false
    this.#beginRun('facts were lost while the storage took none')
    this.#books.reconcile(this.#fleet.targets.values())
  }

  #proveLife(now: number): void {
    this.#fleet.blindness.note(now, HEARTBEAT)
    this.#ledger.alive(now)
  }

  #tellBlocked(incident: Standstill<Target>): void {
    const inFlight = [...this.#fleet.targets.values()].filter(({ launch }) => launch)
    this.#emitter.emit('blocked', { at: this.#ledger.now(), ...whoBlocked(incident, inFlight) })
  }

  onPublish(): void {
    void this.#publication.publish()
  }

  onSet(provider: string, services: ReadonlyMap<string, Service>): void {
    for (const service of services.values()) {
      if (this.#retirement.has(service))
        throw new Error(`it yielded ${titleOf(service)}, which it had dropped and is closed; make a new one`)
    }
    this.#look()
    this.#fleet.set(provider, services)
  }

  onStatus(status: ProviderStatus, error: UptimeError | undefined): void {
    if (error) this.log.warn(error.message)
    this.#emitter.emit('provider', status)
  }

  /** A new run with a new anchor; every service is looked at anew, spread as at a start. */
  #beginRun(reason: string): void {
    const targets = [...this.#fleet.targets.values()]
    this.#monitor.haltAll(targets)
    this.#ledger.begin()
    this.#ledger.mute = this.#books.lost
    this.#ledger.alive(this.clock.monotonic())
    for (const target of targets) target.unseen = { since: 0, observedUntil: 0 }
    this.#monitor.begin(targets)
    this.#emitter.emit('run', { run: this.#ledger.run, at: this.#ledger.start, reason })
  }

  #createJournal(): Journal {
    const { storage, queueLimit } = this.#parts
    const tell = (waiting: number, error: UptimeError | null) =>
      this.#emitter.emit('storage', { waiting, error })
    return new Journal({
      clock: this.clock,
      limit: queueLimit,
      write: (events: readonly Event[], signal) => storage.record(events, { term: 1, signal }),
      onTrouble: (cause, waiting) => tell(waiting, asStorageError(storage.name, cause)),
      onRecovered: () => tell(0, null),
      onRefused: (error, events) => this.#fail('FACTS_REFUSED', `${events.length} facts were refused`, error),
    })
  }

  #createMonitor(): Monitor {
    const { config } = this.#parts
    const parts = {
      clock: this.clock,
      log: this.log,
      timeline: this.#timeline,
      ledger: this.#ledger,
      books: this.#books,
      loop: this.#loop,
      emitter: this.#emitter,
      statusOf: (target: Target) => this.#statusOf(target),
      look: this.#look,
      onSeen: (target: Target) => this.#publication.see(target),
      onRetired: (service: Service) => this.#retirement.retire(service),
    }
    return new Monitor(
      parts,
      (launch) => new Scheduler(this.clock, this.#timeline, config.concurrency, launch),
    )
  }

  #createFleet(): Fleet {
    const { config, restored } = this.#parts
    return new Fleet(
      config.providers.map(({ name }) => name),
      {
        ledger: this.#ledger,
        books: this.#books,
        monitor: this.#monitor,
        emitter: this.#emitter,
        restored,
        timingOf: createTimingResolver(config.timing),
        onSeen: (target) => this.#publication.see(target),
        onRetired: (service) => this.#retirement.retire(service),
      },
    )
  }

  #createMaintenance(): MaintenanceKeeper {
    const { config, restored, storage } = this.#parts
    return new MaintenanceKeeper({
      plans: config.maintenance,
      known: restored.maintenance,
      since: restored.lastAlive ?? this.#ledger.start,
      clock: this.clock,
      log: this.log,
      emitter: this.#emitter,
      books: this.#books,
      reader: storage,
      now: () => this.#ledger.now(),
      services: () => [...this.#fleet.targets.values()].map(({ facts }) => facts),
    })
  }

  readonly #look = (): void => this.#pulse.look(this.clock.monotonic())

  #createPublication(storage: Storage): Publication {
    return new Publication({
      clock: this.clock,
      log: this.log,
      storage,
      targets: () => this.#fleet.targets,
      providers: () => this.providers(),
      toWall: this.#toWall,
      now: () => ({ run: this.#ledger.run, waiting: this.#journal.overdue }),
    })
  }

  readonly #toWall = (monotonic: number): number => this.#ledger.time(monotonic)

  #statusOf(target: Target): ServiceStatus {
    return statusOf(target, this.#toWall)
  }

  #sayLost(): void {
    this.#saidLost = true
    const message = `the storage takes no facts and ${this.#journal.limit} wait already; from now on nothing is vouched for`
    this.#emitter.emit('error', { error: new UptimeError('FACTS_LOST', message) })
  }

  #fail(code: 'PLUGIN_FAILED' | 'FACTS_REFUSED', what: string, cause: unknown): void {
    this.#emitter.emit('error', { error: new UptimeError(code, `${what}: ${reasonOf(cause)}`, { cause }) })
  }
}

function asStorageError(name: string, cause: unknown): UptimeError {
  if (isUptimeError(cause)) return cause
  return new UptimeError('STORAGE_FAILED', `${name}: ${reasonOf(cause)}`, { cause, plugin: name })
}
