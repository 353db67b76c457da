import { setMaxListeners } from 'node:events'
import { resolve } from 'node:path'
import { systemClock, within } from './clock.js'
import { type ConfigInput, type ResolvedConfig, resolveConfig } from './config.js'
import { isSla } from './consolidators/sla.js'
import type { Clock, Context, Logger, Scope, Storage } from './contracts.js'
import { Emitter, type Unsubscribe } from './emitter.js'
import { UptimeError } from './errors.js'
import type { LeadershipStatus, ProviderStatus, RunnerEvents, ServiceStatus } from './events.js'
import { serviceId } from './identity.js'
import { type Disk, folderDisk } from './journal/disk.js'
import { type Instance, thisInstance } from './leadership/instance.js'
import { Succession } from './leadership/succession.js'
import { silentLogger } from './log.js'
import { Releasers } from './monitor/releasers.js'
import { Roster } from './monitor/roster.js'
import { reasonOf } from './outcome.js'
import { createReports, type ReportRules, type Reports } from './reports/reports.js'

/** What a storage may take to close, in ms. */
const CLOSE = 5_000

export interface RunnerOptions {
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Default: none; a library has no output of its own. */
  readonly log?: Logger
  /** The folder that relative paths in the config stand for. Default: the working directory. */
  readonly folder?: string
  /** How long a config function may take, in ms. Default 10,000. */
  readonly patience?: number
  /** Where the journal is kept instead of the config's folder: for tests. */
  readonly disk?: Disk
  /** Who this is among those that may lead. Default: this process. */
  readonly instance?: Instance
}

/** A monitor that can be started and stopped once. Catches no signals, prints nothing, never exits. */
export interface Runner extends AsyncDisposable {
  /**
   * Checks the config, opens the storage and begins to check. When it throws, nothing runs and nothing stays open.
   *
   * @throws UptimeError `CONFIG_INVALID`, `CONFIG_UNREADABLE`, `STORAGE_…`, `RUNNER_STATE`
   */
  start(): Promise<void>
  /**
   * Ends cleanly: no new checks, running ones aborted and not counted, facts delivered, everything closed. Takes some
   * 15 s at most, when the storage does not answer. Calling it again waits for the same end.
   *
   * @throws UptimeError `FACTS_LOST` when facts could not be stored; `PLUGIN_FAILED` when something failed to close.
   */
  stop(): Promise<void>
  /**
   * Goes on under another config: what is new is added, what is not there any more is removed, what is as it was goes on undisturbed. One that
   * is wrong changes nothing.
   *
   * @returns what has changed and takes a restart: of `monitor`, `storage`, `leadership`, `lease`, `journal`, `reference`
   * @throws UptimeError `CONFIG_INVALID`, `CONFIG_UNREADABLE`, `RUNNER_STATE`
   */
  reload(config: ConfigInput): Promise<readonly string[]>
  /** How every service stands now. Empty unless running. */
  status(): readonly ServiceStatus[]
  /** How every provider stands now. Empty unless running. */
  providers(): readonly ProviderStatus[]
  /** Whether this instance leads or stands by, and who leads. */
  leadership(): LeadershipStatus
  /**
   * Figures, by the rules of the config's first `sla()`, from what is stored.
   *
   * @throws UptimeError `RUNNER_STATE` unless it runs
   */
  reports(): Reports
  /** Runs a consolidator now. @throws UptimeError `RUNNER_STATE`, `PLUGIN_FAILED` */
  consolidate(name: string, scope?: Scope): Promise<void>
  /** Listens. A listener that throws is told to `error` and disturbs nobody. */
  on<Name extends keyof RunnerEvents>(
    name: Name,
    listener: (event: RunnerEvents[Name]) => unknown,
  ): Unsubscribe
}

/**
 * Makes a runner for a config.
 *
 * @example
 * await using runner = createRunner({ storage: sqliteStorage(), services: [http('https://example.com')] })
 * runner.on('transition', ({ service, to }) => console.log(service.name, 'is', to))
 * await runner.start()
 */
export function createRunner(config: ConfigInput, options: RunnerOptions = {}): Runner {
  return new LocalRunner(config, options)
}

class LocalRunner implements Runner {
  readonly #config: ConfigInput
  readonly #options: RunnerOptions
  readonly #clock: Clock
  readonly #log: Logger
  readonly #life = new AbortController()
  readonly #releasers = new Releasers()
  readonly #emitter = new Emitter<RunnerEvents>((error, name) => this.#onListenerError(error, name))
  readonly #instance: Instance
  #roster: Roster | undefined
  #succession: Succession | undefined
  #reports: Reports | undefined
  #running: { readonly before: ResolvedConfig; readonly storage: Storage } | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #unstored = 0

  constructor(config: ConfigInput, options: RunnerOptions) {
    this.#config = config
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLogger
    this.#instance = options.instance ?? thisInstance()
    // Every provider and consolidator listens to it.
    setMaxListeners(0, this.#life.signal)
  }

  start(): Promise<void> {
    if (this.#starting || this.#stopping) {
      return Promise.reject(new UptimeError('RUNNER_STATE', 'a runner starts once; create another one'))
    }
    this.#starting = this.#start()
    return this.#starting
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  status(): readonly ServiceStatus[] {
    return this.#succession?.session?.status() ?? []
  }

  providers(): readonly ProviderStatus[] {
    return this.#roster?.providers() ?? []
  }

  reports(): Reports {
    if (this.#reports) return this.#reports
    throw new UptimeError('RUNNER_STATE', 'there are reports while the runner runs; see createReports()')
  }

  async reload(input: ConfigInput): Promise<readonly string[]> {
    const config = await resolveConfig(input, this.#options)
    if (!this.#running || this.#stopping) throw new UptimeError('RUNNER_STATE', 'the runner does not run')
    this.#roster?.insistOnOpen(config.services)
    for (const warning of config.warnings) this.#log.warn(warning)
    const { before, storage } = this.#running
    this.#running = { before: config, storage }
    this.#succession?.reload(config)
    this.#roster?.keep(config.reference)
    this.#roster?.set(config.services, config.providers)
    this.#reports = createReports(storage, { ...rulesOf(config), clock: this.#clock })
    return changedForGood(before, config)
  }

  leadership(): LeadershipStatus {
    const { id } = this.#instance
    const before: LeadershipStatus = {
      standing: 'waiting',
      since: 0,
      self: id,
      holder: null,
      heldSince: null,
      term: 0,
    }
    return this.#succession?.status() ?? before
  }

  async consolidate(name: string, scope?: Scope): Promise<void> {
    if (!this.#succession) throw new UptimeError('RUNNER_STATE', 'the runner does not run')
    await this.#succession.consolidate(name, scope)
  }

  on<Name extends keyof RunnerEvents>(
    name: Name,
    listener: (event: RunnerEvents[Name]) => unknown,
  ): Unsubscribe {
    return this.#emitter.on(name, listener)
  }

  async #start(): Promise<void> {
    try {
      const config = await resolveConfig(this.#config, this.#options)
      for (const warning of config.warnings) this.#log.warn(warning)
      const storage = storageOf(config)
      this.#insist()
      const context: Context = { signal: this.#life.signal, log: this.#log, clock: this.#clock }
      this.#releasers.add(() => within(this.#clock, storage.close(), CLOSE))
      const roster = new Roster({ ...context, folder: this.#options.folder }, this.#emitter)
      this.#roster = roster
      this.#releasers.add(() => roster.close())
      roster.keep(config.reference)
      roster.set(config.services, config.providers)
      await this.#succeed(config, storage, roster, context)
      this.#insist()
      this.#reports = createReports(storage, { ...rulesOf(config), clock: this.#clock })
      this.#running = { before: config, storage }
    } catch (error) {
      this.#life.abort(error)
      await this.#releasers.releaseAll()
      throw error
    }
  }

  async #succeed(config: ResolvedConfig, storage: Storage, roster: Roster, context: Context): Promise<void> {
    const { folder } = this.#options
    const emitter = this.#emitter
    const instance = this.#instance
    const parts = {
      config,
      storage,
      roster,
      context,
      emitter,
      instance,
      folder,
      disk: diskOf(config, this.#options),
    }
    const succession = new Succession(parts)
    this.#succession = succession
    this.#releasers.add(async () => {
      this.#unstored = await succession.stop()
    })
    await succession.start()
  }

  async #stop(): Promise<void> {
    this.#life.abort(new UptimeError('RUNNER_STATE', 'the runner stops'))
    await this.#starting?.catch(() => undefined)
    const errors = await this.#releasers.releaseAll()
    this.#succession = this.#roster = this.#reports = this.#running = undefined
    if (this.#unstored) {
      throw new UptimeError('FACTS_LOST', `${this.#unstored} facts could not be stored before the end`)
    }
    if (errors.length) {
      const message = `not everything closed well: ${errors.map(reasonOf).join('; ')}`
      throw new UptimeError('PLUGIN_FAILED', message, { cause: new AggregateError(errors) })
    }
  }

  /** Gives up a start that was stopped meanwhile. */
  #insist(): void {
    if (this.#life.signal.aborted)
      throw new UptimeError('RUNNER_STATE', 'the runner was stopped while it started')
  }

  #onListenerError(cause: unknown, name: keyof RunnerEvents): void {
    const message = `a listener of '${name}' threw: ${reasonOf(cause)}`
    this.#log.error(message)
    if (name !== 'error')
      this.#emitter.emit('error', { error: new UptimeError('LISTENER_FAILED', message, { cause }) })
  }
}

/** What a config says that holds for the life of a runner, and that another one says otherwise. */
function changedForGood(before: ResolvedConfig, now: ResolvedConfig): string[] {
  const saying = ({ monitor, storage, lease, journal, leadership, reference }: ResolvedConfig) => ({
    monitor,
    storage: storage?.name,
    leadership: leadership !== undefined,
    lease,
    journal,
    reference: reference.map(serviceId),
  })
  const [old, next] = [saying(before), saying(now)]
  const keys = Object.keys(old) as (keyof typeof old)[]
  return keys.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(next[key]))
}

function diskOf({ journal }: ResolvedConfig, { disk, folder = '.' }: RunnerOptions): Disk | undefined {
  return disk ?? (journal.folder === undefined ? undefined : folderDisk(resolve(folder, journal.folder)))
}

function rulesOf(config: ResolvedConfig): ReportRules {
  return config.consolidators.find(isSla)?.settings(config) ?? config
}

function storageOf(config: ResolvedConfig): Storage {
  if (config.storage) return config.storage
  const problem = { path: 'storage', found: 'nothing', expected: 'a storage such as sqliteStorage()' }
  throw new UptimeError('CONFIG_INVALID', 'the config has no storage; add one such as sqliteStorage()', {
    problems: [problem],
  })
}
