import { within } from '../clock.js'
import type { ResolvedConfig } from '../config.js'
import type { Clock, Context, Event, Logger, Scope, Service, Storage } from '../contracts.js'
import type { Emitter } from '../emitter.js'
import { UptimeError } from '../errors.js'
import type { RunnerEvents, ServiceStatus } from '../events.js'
import { Journal } from '../journal/journal.js'
import type { JournalFile } from '../journal/journal-file.js'
import type { Leftover } from '../journal/journals.js'
import { asStorageError } from '../leadership/storage-error.js'
import { reasonOf } from '../outcome.js'
import { createTimingResolver } from '../schema/timing.js'
import { Bookkeeper } from './bookkeeper.js'
import { Consolidations } from './consolidations.js'
import { Fleet } from './fleet.js'
import { Ledger } from './ledger.js'
import { LoopWatch, type Standstill, whoBlocked } from './loop-watch.js'
import { MaintenanceKeeper } from './maintenance-keeper.js'
import { Monitor } from './monitor.js'
import { Publication } from './publication.js'
import { HEARTBEAT, Pulse, type PulseHost } from './pulse.js'
import { References } from './references.js'
import { nothingRestored, type Restored } from './restore.js'
import type { Follower, Roster, ServiceSet } from './roster.js'
import { Scheduler } from './scheduler.js'
import { statusOf, type Target } from './target.js'
import { Timeline } from './timeline.js'
import { fenced, insistOnWriting, type Writer } from './writer.js'

/** What delivering what waits may take at the end, in ms. */
const FLUSH = 5_000

export interface SessionParts {
  readonly config: ResolvedConfig
  readonly storage: Storage
  /** `undefined` while the storage is away, and nothing is known of the present. */
  readonly restored: Restored | undefined
  readonly roster: Roster
  readonly writer: Writer
  readonly context: Context
  readonly emitter: Emitter<RunnerEvents>
  /** Where facts wait on disk. Absent: in memory only. */
  readonly file: JournalFile | undefined
}

/** One turn of checking, from what is known of the present to the last fact: wires the parts, and holds no logic of theirs. */
export class Session implements PulseHost, Follower {
  readonly clock: Clock
  readonly log: Logger
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
    const { context, emitter, storage } = parts
    this.#parts = parts
    this.#emitter = emitter
    this.clock = context.clock
    this.log = context.log
    this.#timeline = new Timeline(
      this.clock,
      (error) => this.#fail('PLUGIN_FAILED', 'inside the schedule', error),
      () => this.#look(),
    )
    this.#journal = this.#createJournal()
    this.#ledger = new Ledger(this.clock, this.#journal)
    this.#books = new Bookkeeper(this.#ledger, this.#journal, emitter, (target) => this.#statusOf(target))
    this.#books.isProvisional = this.isProvisional
    this.#loop = new LoopWatch<Target>(this.clock)
    this.#references = this.#createReferences()
    this.#monitor = this.#createMonitor()
    this.#pulse = new Pulse(this.clock, this.#timeline, this.#ledger, this)
    this.#publication = this.#createPublication(storage)
    this.#ledger.alive(this.clock.monotonic())
    this.#fleet = this.#createFleet()
    this.#maintenance = this.#createMaintenance()
  }

  start(): void {
    const { config, roster } = this.#parts
    this.#emitter.emit('run', { run: this.#ledger.run, at: this.#ledger.start, reason: 'started' })
    this.#pulse.start()
    roster.follow(this)
    this.#loops = this.#maintenance.run(this.#end.signal)
    this.#unsubscribe = this.#emitter.on('services', () => this.#maintenance.onServices())
    if (!this.isProvisional) this.#consolidations = this.#startConsolidations(config)
    void this.#publication.publish()
  }

  get term(): number {
    return this.#parts.writer.term
  }

  /** It checks without knowing what the storage knows. */
  get isProvisional(): boolean {
    return this.#parts.restored === undefined
  }

  /** Facts that the storage should have by now. */
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
    this.#consolidations = this.#startConsolidations(config)
  }

  onSources(sources: readonly string[]): void {
    this.#fleet.reshape(sources)
  }

  /** Ends everything and delivers what waits. Returns how many facts the storage did not get. */
  async stop(): Promise<number> {
    await this.#halt()
    const unstored = await this.#journal.close(this.isProvisional ? 0 : FLUSH)
    if (this.#mayWrite()) await within(this.clock, this.#publication.end(), FLUSH)
    return unstored
  }

  /**
   * Ends everything, as one that may not write any more. Returns the facts that the storage did not get.
   *
   * @param until until when it may vouch for anything, in ms since the epoch
   */
  async leave(until: number | undefined): Promise<Leftover> {
    await this.#halt()
    const file = this.#parts.file?.name
    const { term, holder } = this.#parts.writer
    return { holder, term, facts: await this.#journal.halt(), until, file }
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
    const inFlight = [...this.#fleet.targets.values()].filter(({ slot }) => slot)
    this.#emitter.emit('blocked', { at: this.#ledger.now(), ...whoBlocked(incident, inFlight) })
  }

  onPublish(): void {
    void this.#publication.publish()
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

  #createJournal(): Journal {
    const { config, storage, writer, file } = this.#parts
    const tell = (waiting: number, error: UptimeError | null) =>
      this.#emitter.emit('storage', { waiting, error })
    return new Journal({
      clock: this.clock,
      limit: config.journal.limit,
      file,
      onUnsafe: (error) => error && this.#emitter.emit('error', { error }),
      write: async (events: readonly Event[], signal) => {
        insistOnWriting(writer)
        return storage.record(events, { term: writer.term, signal })
      },
      onFenced: writer.onFenced,
      onTrouble: (cause, waiting) => tell(waiting, asStorageError(storage.name, cause)),
      onRecovered: () => tell(0, null),
      onRefused: (error, events) => this.#fail('FACTS_REFUSED', `${events.length} facts were refused`, error),
    })
  }

  #createReferences(): References | undefined {
    const { config } = this.#parts
    const services = config.reference
    if (!services.length) return undefined
    return new References({
      clock: this.clock,
      log: this.log,
      timeline: this.#timeline,
      services,
      timingOf: createTimingResolver(config.timing),
      look: this.#look,
      onBlind: (since, reason) => this.#tellBlind(since, reason),
      onSight: (since) => {
        this.#emitter.emit('blind', { at: this.#ledger.time(since), since: null, reason: null })
        this.#monitor.findAgain()
      },
    })
  }

  #tellBlind(monotonic: number, last: string): void {
    const { length } = this.#parts.config.reference
    const reason = length > 1 ? `none of ${length} references can be reached, ${last}` : last
    const since = this.#ledger.time(monotonic)
    this.#emitter.emit('blind', { at: this.#ledger.now(), since, reason })
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

  #createMaintenance(): MaintenanceKeeper {
    const { config, restored, storage } = this.#parts
    return new MaintenanceKeeper({
      // What is on record is not known while the storage is away: it is made up for afterwards.
      plans: restored ? config.maintenance : [],
      known: restored?.maintenance ?? [],
      since: restored?.lastAlive ?? this.#ledger.start,
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
      providers: () => this.#parts.roster.providers(),
      toWall: this.#toWall,
      mayPublish: () => this.#mayWrite(),
      now: () => ({ run: this.#ledger.run, waiting: this.#journal.overdue }),
    })
  }

  #startConsolidations(config: ResolvedConfig): Consolidations {
    const { storage, writer } = this.#parts
    const context = { clock: this.clock, log: this.log, signal: this.#end.signal }
    return new Consolidations(config, fenced(storage, writer), context, (error) =>
      this.#emitter.emit('error', { error }),
    )
  }

  #mayWrite(): boolean {
    return this.#parts.writer.refusal() === undefined
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
