import type { Clock, Context, Logger, Provider, Service } from '../contracts.js'
import { titleOf } from '../describe.js'
import type { Emitter } from '../emitter.js'
import { UptimeError } from '../errors.js'
import type { ProviderStatus, RunnerEvents } from '../events.js'
import { serviceId } from '../identity.js'
import { reasonOf } from '../outcome.js'
import { type DiscoveryHost, ProviderLoop } from './discovery.js'
import { Retirement } from './retirement.js'

/** The source name of what stands in the config itself. */
export const CONFIG_SOURCE = 'config'

/** Services by their ids. */
export type ServiceSet = ReadonlyMap<string, Service>

/** Who checks what the sources hold. */
export interface Follower {
  onSet(source: string, services: ServiceSet): void
}

/**
 * What is to be monitored, as the config and the providers say: kept current whether this instance leads or stands by, so
 * that one that takes over knows everything at once.
 */
export class Roster implements DiscoveryHost {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** By source, in the order of their say; without those that have not spoken. */
  readonly sets = new Map<string, ServiceSet>()
  readonly #retirement: Retirement
  readonly #loops: readonly ProviderLoop[]
  readonly #emitter: Emitter<RunnerEvents>
  #follower: Follower | undefined
  #ends: Promise<unknown> = Promise.resolve()

  constructor(providers: readonly Provider[], context: Context, emitter: Emitter<RunnerEvents>) {
    this.clock = context.clock
    this.log = context.log
    this.signal = context.signal
    this.#emitter = emitter
    this.#retirement = new Retirement(this.clock, (service, cause) => {
      const message = `${titleOf(service)} failed to close: ${reasonOf(cause)}`
      emitter.emit('error', { error: new UptimeError('PLUGIN_FAILED', message, { cause }) })
    })
    this.#loops = providers.map((provider) => new ProviderLoop(provider, this))
  }

  start(services: readonly Service[]): void {
    this.sets.set(CONFIG_SOURCE, new Map(services.map((service) => [serviceId(service), service])))
    this.#ends = Promise.all(this.#loops.map((loop) => loop.run()))
  }

  /** The names of all sources, whether they have spoken or not. */
  get sources(): string[] {
    return [CONFIG_SOURCE, ...this.#loops.map(({ status }) => status.name)]
  }

  providers(): ProviderStatus[] {
    return this.#loops.map(({ status }) => status)
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

  /** Closes those that no source holds any more. */
  release(services: Iterable<Service>): void {
    const held = new Set([...this.sets.values()].flatMap((set) => [...set.values()]))
    for (const service of services) if (!held.has(service)) this.retire(service)
  }

  /** Closes everything; the signal was aborted before. */
  async close(): Promise<void> {
    await this.#ends
    for (const set of this.sets.values()) for (const service of set.values()) this.retire(service)
    await this.#retirement.settle()
  }
}
