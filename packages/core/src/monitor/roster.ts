import type { Clock, DiscoveryContext, Logger, Provider, Service } from '../contracts.js'
import { titleOf } from '../describe.js'
import type { Emitter } from '../emitter.js'
import { UptimeError } from '../errors.js'
import type { ProviderStatus, RunnerEvents } from '../events.js'
import { serviceId } from '../identity.js'
import { reasonOf } from '../outcome.js'
import { ProviderLoop } from './discovery.js'
import { Retirement } from './retirement.js'

/** The source name of what stands in the config itself. */
export const CONFIG_SOURCE = 'config'

/** Services by their ids. */
export type ServiceSet = ReadonlyMap<string, Service>

/** Who checks what the sources hold. */
export interface Follower {
  onSet(source: string, services: ServiceSet): void
  /** These are all the sources from now on, in the order of their say; those that went hold nothing any more. */
  onSources(sources: readonly string[]): void
}

/** A provider at work, until it is stopped. */
interface Work {
  readonly loop: ProviderLoop
  readonly stop: AbortController
}

/**
 * What is to be monitored, as the config and the providers say: kept current whether this instance leads or stands by, so
 * that one that takes over knows everything at once.
 */
export class Roster {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly folder: string | undefined
  /** By source, in the order of their say; without those that have not spoken. */
  readonly sets = new Map<string, ServiceSet>()
  readonly #retirement: Retirement
  #works: readonly Work[] = []
  readonly #emitter: Emitter<RunnerEvents>
  /** Services of no source, which are not monitored. */
  readonly #kept = new Set<Service>()
  #follower: Follower | undefined
  readonly #ends = new Set<Promise<void>>()

  constructor(context: DiscoveryContext, emitter: Emitter<RunnerEvents>) {
    this.clock = context.clock
    this.log = context.log
    this.signal = context.signal
    this.folder = context.folder
    this.#emitter = emitter
    this.#retirement = new Retirement(this.clock, (service, cause) => {
      const message = `${titleOf(service)} failed to close: ${reasonOf(cause)}`
      emitter.emit('error', { error: new UptimeError('PLUGIN_FAILED', message, { cause }) })
    })
    this.signal.addEventListener('abort', () => this.#stop(this.#works), { once: true })
  }

  /** What the config says from now on. A provider's last set stays until it speaks again. */
  set(services: readonly Service[], providers: readonly Provider[]): void {
    const before = this.#works
    this.#works = providers.map((provider) => this.#createWork(provider))
    this.#stop(before)
    this.#follower?.onSources([...new Set([...this.sources, ...this.sets.keys()])])
    this.onSet(CONFIG_SOURCE, new Map(services.map((service) => [serviceId(service), service])))
    this.#dropOld()
    this.#follower?.onSources(this.sources)
    for (const { loop } of this.#works) this.#run(loop)
  }

  /** @throws UptimeError `CONFIG_INVALID` for one that cannot be checked any more */
  insistOnOpen(services: readonly Service[]): void {
    const closed = services.find((service) => this.#retirement.has(service))
    if (!closed) return
    const message = `${titleOf(closed)} was dropped before and is closed; make a new one`
    throw new UptimeError('CONFIG_INVALID', message)
  }

  #run(loop: ProviderLoop): void {
    const end = loop.run().finally(() => this.#ends.delete(end))
    this.#ends.add(end)
  }

  /** What sources held that are no more may have moved to one that has not spoken yet: until then it is held by that. */
  #dropOld(): void {
    const old = [...this.sets.keys()].filter((source) => !this.sources.includes(source))
    const orphans = new Map(old.flatMap((source) => [...this.sets.get(source)!]))
    const silent = this.sources.filter((source) => !this.sets.has(source))
    if (orphans.size) for (const source of silent) this.onSet(source, orphans)
    for (const source of old) this.#drop(source)
  }

  #createWork(provider: Provider): Work {
    const stop = new AbortController()
    const { clock, log, folder } = this
    const { signal } = stop
    const onStatus = this.onStatus.bind(this)
    const onSet = (source: string, services: ServiceSet) => {
      if (!stop.signal.aborted) this.onSet(source, services)
    }
    return { stop, loop: new ProviderLoop(provider, { clock, log, signal, folder, onSet, onStatus }) }
  }

  #stop(works: readonly Work[]): void {
    for (const { stop } of works)
      stop.abort(new UptimeError('RUNNER_STATE', 'the provider is not asked any more'))
  }

  #drop(source: string): void {
    this.onSet(source, new Map())
    this.sets.delete(source)
  }

  /** The names of all sources, whether they have spoken or not. */
  get sources(): string[] {
    return [CONFIG_SOURCE, ...this.#works.map(({ loop }) => loop.status.name)]
  }

  providers(): ProviderStatus[] {
    return this.#works.map(({ loop }) => loop.status)
  }

  /** Hands over what there is, and whatever comes. `undefined`: nobody checks any more. */
  follow(follower: Follower | undefined): void {
    this.#follower = follower
    for (const source of this.sources) {
      const services = this.sets.get(source)
      if (services) follower?.onSet(source, services)
    }
  }

  onSet(source: string, services: ServiceSet): void {
    for (const service of services.values()) {
      if (this.#retirement.has(service))
        throw new Error(`it yielded ${titleOf(service)}, which it had dropped and is closed; make a new one`)
    }
    const before = this.sets.get(source)
    this.sets.set(source, services)
    if (this.#follower) this.#follower.onSet(source, services)
    else this.release(before?.values() ?? [])
  }

  onStatus(status: ProviderStatus, error: UptimeError | undefined): void {
    if (error) this.log.warn(error.message)
    this.#emitter.emit('provider', status)
  }

  /** One that a follower does not need any more. */
  retire(service: Service): void {
    this.#retirement.retire(service)
  }

  /** Closes these at the end, whether a source holds them or not. */
  keep(services: Iterable<Service>): void {
    for (const service of services) this.#kept.add(service)
  }

  /** Closes those that no source holds any more. */
  release(services: Iterable<Service>): void {
    const held = new Set([...this.sets.values()].flatMap((set) => [...set.values()]))
    for (const service of services) if (!held.has(service)) this.retire(service)
  }

  /** Closes everything; the signal was aborted before. */
  async close(): Promise<void> {
    await Promise.all(this.#ends)
    for (const set of this.sets.values()) for (const service of set.values()) this.retire(service)
    for (const service of this.#kept) this.retire(service)
    await this.#retirement.settle()
  }
}
