import { hostname } from 'node:os'
import { Bookkeeper } from './bookkeeper.js'
import { within } from './clock.js'
import type { ResolvedConfig } from './config.js'
import type { Clock, Context, Event, Live, Logger, Service, Storage } from './contracts.js'
import { type DiscoveryHost, ProviderLoop } from './discovery.js'
import type { Emitter } from './emitter.js'
import { isUptimeError, UptimeError } from './errors.js'
import type { ProviderStatus, RunnerEvents, ServiceStatus } from './events.js'
import { Fleet } from './fleet.js'
import { Journal } from './journal.js'
import { Ledger } from './ledger.js'
import { LivePublisher, type MonitorLive, monitorRow, providerRow, serviceRow } from './live.js'
import { LoopWatch } from './loop-watch.js'
import { Monitor } from './monitor.js'
import { reasonOf } from './outcome.js'
import { Pulse, type PulseHost } from './pulse.js'
import type { Restored } from './restore.js'
import { Scheduler } from './scheduler.js'
import { statusOf, type Target } from './target.js'
import { Timeline } from './timeline.js'
import { createTimingResolver } from './timing.js'

/** What the end may take, in ms: to deliver what waits, and for a plugin to close. */
const FLUSH = 5_000
const CLOSE = 5_000
/** A storage that does not take live state in this time is asked again with newer, in ms. */
const PUBLISH_PATIENCE = 10_000

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
  readonly #loop: LoopWatch
  readonly #monitor: Monitor
  readonly #fleet: Fleet
  readonly #pulse: Pulse
  readonly #publisher: LivePublisher
  readonly #providers: ProviderLoop[]
  readonly #seen = new Set<Target>()
  readonly #closing = new Set<Promise<unknown>>()
  readonly #whoami: Pick<MonitorLive, 'startedAt' | 'pid' | 'host'>
  #loops: Promise<unknown> = Promise.resolve()
  #saidLost = false

  constructor(parts: SessionParts) {
    const { config, context, emitter, storage } = parts
    this.#parts = parts
    this.#emitter = emitter
    this.clock = context.clock
    this.log = context.log
    this.signal = context.signal
    this.#whoami = { startedAt: Math.floor(this.clock.now()), pid: process.pid, host: hostname() }
    this.#timeline = new Timeline(
      this.clock,
      (error) => this.#fail('PLUGIN_FAILED', 'inside the schedule', error),
      () => this.#look(),
    )
    this.#journal = this.#createJournal()
    this.#ledger = new Ledger(this.clock, this.#journal)
    this.#books = new Bookkeeper(this.#ledger, this.#journal, emitter, (target) => this.#statusOf(target))
    this.#loop = new LoopWatch(this.clock)
    this.#monitor = this.#createMonitor()
    this.#pulse = new Pulse(this.clock, this.#timeline, this.#ledger, this)
    this.#publisher = this.#createPublisher(storage)
    this.#ledger.alive(this.clock.monotonic())
    this.#fleet = this.#createFleet()
    this.#providers = config.providers.map((provider) => new ProviderLoop(provider, this))
  }

  start(): void {
    this.#emitter.emit('run', { run: this.#ledger.run, at: this.#ledger.start, reason: 'started' })
    this.#pulse.start()
    this.#fleet.setStatic(this.#parts.config.services)
    this.#loops = Promise.all(this.#providers.map((loop) => loop.run()))
    void this.#publisher.publish()
  }

  /** Ends everything; the signal was aborted before. Returns how many facts the storage did not get. */
  async stop(): Promise<number> {
    this.#timeline.clear()
    this.#monitor.haltAll(this.#fleet.targets.values())
    this.#ledger.alive(this.clock.monotonic())
    for (const { service } of this.#fleet.targets.values()) this.#retire(service)
    await this.#loops
    const unstored = await this.#journal.close(FLUSH)
    await within(this.clock, this.#publishLast(), FLUSH)
    await Promise.all(this.#closing)
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
    if (!incident) return
    const inFlight = [...this.#fleet.targets.values()].filter(({ launch }) => launch)
    const names = inFlight.slice(0, 5).map(({ facts }) => `${facts.kind} "${facts.name}"`)
    const suspects = incident.suspects.length ? incident.suspects : names
    this.#emitter.emit('blocked', { at: this.#ledger.now(), ...incident, suspects })
  }

  onSplit(lastBeat: number, reason: string): void {
    this.#ledger.alive(lastBeat)
    this.#beginRun(reason)
  }

  onHeartbeat(now: number): void {
    if (!this.#books.lost) return this.#ledger.alive(now)
    if (!this.#saidLost) this.#sayLost()
    if (this.#journal.waiting > this.#journal.limit / 2) return
    this.#saidLost = false
    this.#beginRun('facts were lost while the storage took none')
    this.#books.reconcile(this.#fleet.targets.values())
  }

  onPublish(): void {
    void this.#publisher.publish()
  }

  onSet(provider: string, services: ReadonlyMap<string, Service>): void {
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
      onSeen: (target: Target) => this.#seen.add(target),
      onRetired: (service: Service) => this.#retire(service),
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
        onSeen: (target) => this.#seen.add(target),
        onRetired: (service) => this.#retire(service),
      },
    )
  }

  readonly #look = (): void => this.#pulse.look(this.clock.monotonic())

  #createPublisher(storage: Storage): LivePublisher {
    const bounded = {
      publish: async (rows: readonly Live[]) => {
        const done = await within(
          this.clock,
          storage.publish(rows).then(() => true),
          PUBLISH_PATIENCE,
        )
        if (!done) throw new UptimeError('STORAGE_FAILED', 'the storage does not take live state')
      },
    }
    return new LivePublisher(
      bounded,
      () => this.#collectLive(true),
      (error) => this.log.debug('live state was not published', { error: reasonOf(error) }),
    )
  }

  #collectLive(running: boolean): Live[] {
    const at = Math.floor(this.clock.now())
    const targets = [...this.#seen].filter(({ id }) => this.#fleet.targets.has(id))
    this.#seen.clear()
    return [
      this.#monitorRow(running, at),
      ...this.#providers.map(({ status }) => providerRow(status, at)),
      ...targets.map((target) => serviceRow(target, this.#toWall, at)),
    ]
  }

  #monitorRow(running: boolean, at: number): Live {
    const { run } = this.#ledger
    return monitorRow({ ...this.#whoami, running, run, waiting: this.#journal.waiting }, at)
  }

  async #publishLast(): Promise<void> {
    await this.#publisher.publish()
    await this.#parts.storage.publish(this.#collectLive(false)).catch(() => undefined)
  }

  readonly #toWall = (monotonic: number): number => this.#ledger.time(monotonic)

  #statusOf(target: Target): ServiceStatus {
    return statusOf(target, this.#toWall)
  }

  /** Closes a service object, in its own time and at its own risk. */
  #retire(service: Service): void {
    if (!service.close) return
    const closing = within(this.clock, Promise.resolve(callClose(service)), CLOSE)
      .catch((error) =>
        this.#fail('PLUGIN_FAILED', `${service.kind} "${service.name}" failed to close`, error),
      )
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
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

async function callClose(service: Service): Promise<void> {
  await service.close?.()
}

function asStorageError(name: string, cause: unknown): UptimeError {
  if (isUptimeError(cause)) return cause
  return new UptimeError('STORAGE_FAILED', `${name}: ${reasonOf(cause)}`, { cause, plugin: name })
}
