import { backoff, sleep, within } from '../clock.js'
import type { Clock, Discovery, Logger, Provider, Service, Skipped } from '../contracts.js'
import { describe } from '../describe.js'
import { UptimeError } from '../errors.js'
import type { ProviderStatus } from '../events.js'
import { serviceId } from '../identity.js'
import { reasonOf } from '../outcome.js'
import { formatProblem } from '../problems.js'
import { serviceProblems } from '../schema/shapes.js'

/** Sets that come faster than this are taken one by one at this pace, in ms. */
const PACE = 50
/** What a provider may take to clean up after itself, in ms. */
const GRACE = 1_000

export interface DiscoveryHost {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** What relative paths stand for. */
  readonly folder: string | undefined
  onSet(provider: string, services: ReadonlyMap<string, Service>): void
  /** @param error what has gone wrong, unless it is what went wrong before */
  onStatus(status: ProviderStatus, error: UptimeError | undefined): void
}

/** Keeps one provider going: takes its sets, keeps the last one when it fails, restarts it with jittered backoff. */
export class ProviderLoop {
  readonly #provider: Provider
  readonly #host: DiscoveryHost
  #status: ProviderStatus
  #failures = 0
  /** Of services that have nothing wrong. */
  readonly #ids = new WeakMap<Service, string>()

  constructor(provider: Provider, host: DiscoveryHost) {
    this.#provider = provider
    this.#host = host
    this.#status = { name: provider.name, services: 0, skipped: [], staleSince: null, error: null }
  }

  get status(): ProviderStatus {
    return this.#status
  }

  /** Runs until the signal, or until the provider says that its set is final. */
  async run(): Promise<void> {
    const { clock, signal } = this.#host
    while (!signal.aborted) {
      try {
        if (await this.#follow()) return
      } catch (error) {
        if (signal.aborted) return
        this.#failed(error)
        await sleep(clock, backoff(this.#failures, 1_000, 60_000), signal)
      }
    }
  }

  /** Takes sets until the provider ends. */
  async #follow(): Promise<boolean> {
    const { clock, log, signal, folder } = this.#host
    const sets = this.#provider.discover({ clock, log, signal, folder })[Symbol.asyncIterator]()
    let sawOne = false
    try {
      for (;;) {
        const next = await within(clock, sets.next(), Number.POSITIVE_INFINITY, signal)
        if (!next || signal.aborted) return true
        if (next.done) break
        this.#take(next.value)
        sawOne = true
        await sleep(clock, PACE, signal)
        // Asked for another set now, it might wait for a signal that has been given already.
        if (signal.aborted) return true
      }
    } finally {
      await this.#finish(sets)
    }
    if (!sawOne) throw new Error('it ended without a set')
    return true
  }

  async #finish(sets: AsyncIterator<Discovery>): Promise<void> {
    const end = (async () => sets.return?.())().catch(() => undefined)
    await within(this.#host.clock, end, GRACE)
  }

  #take(discovery: Discovery): void {
    if (!Array.isArray(discovery?.services)) {
      throw new Error(`it yielded ${describe(discovery)}, expected { services: [...] }`)
    }
    const services = new Map<string, Service>()
    const skipped: Skipped[] = [...(discovery.skipped ?? [])].map(readable)
    for (const service of discovery.services) this.#sort(service, services, skipped)
    this.#host.onSet(this.#provider.name, services)
    this.#failures = 0
    const { name } = this.#status
    this.#status = { name, services: services.size, skipped, staleSince: null, error: null }
    this.#host.onStatus(this.#status, undefined)
  }

  /** A service with something wrong is left out with the reason; the rest of the set holds. */
  #sort(service: Service, services: Map<string, Service>, skipped: Skipped[]): void {
    const id = this.#ids.get(service) ?? this.#look(service, skipped)
    if (id === undefined) return
    if (services.has(id))
      skipped.push({ what: service.name, reason: 'the same service comes twice in one set' })
    else services.set(id, service)
  }

  /** An object is looked at once: thousands come again with every set. */
  #look(service: Service, skipped: Skipped[]): string | undefined {
    const problem = serviceProblems(service)[0]
    if (problem) {
      skipped.push({ what: describe(service?.name ?? service), reason: formatProblem(problem) })
      return undefined
    }
    const id = serviceId(service)
    this.#ids.set(service, id)
    return id
  }

  #failed(cause: unknown): void {
    this.#failures++
    const reason = reasonOf(cause)
    const isNews = reason !== this.#status.error
    const staleSince = this.#status.staleSince ?? Math.floor(this.#host.clock.now())
    this.#status = { ...this.#status, staleSince, error: reason }
    const name = this.#provider.name
    const error = new UptimeError('PROVIDER_FAILED', `provider ${name}: ${reason}`, { cause, plugin: name })
    this.#host.onStatus(this.#status, isNews ? error : undefined)
  }
}

/** What a provider says of an object, as texts, whatever it is. */
function readable({ what, reason, harmless }: Skipped): Skipped {
  return { what: reasonOf(what), reason: reasonOf(reason), ...(harmless === true && { harmless }) }
}
