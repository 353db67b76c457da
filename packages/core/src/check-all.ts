import { sleep, systemClock, within } from './clock.js'
import type { ResolvedConfig } from './config.js'
import type { Clock, Detail, Logger, Provider, Service, ServiceFacts, Skipped } from './contracts.js'
import { factsOf, serviceId } from './identity.js'
import { silentLogger } from './log.js'
import { Check, type Outcome } from './monitor/check.js'
import { ProviderLoop } from './monitor/discovery.js'
import { Inventory } from './monitor/inventory.js'
import { Queue } from './monitor/queue.js'
import { Retirement } from './monitor/retirement.js'
import { CONFIG_SOURCE } from './monitor/roster.js'
import { Timeline } from './monitor/timeline.js'
import { createTimingResolver } from './schema/timing.js'

/** What one check of one service found. */
export interface CheckResult extends ServiceFacts {
  readonly status: 'up' | 'down'
  /** When it started, in ms since the epoch. */
  readonly at: number
  readonly latencyMs: number
  readonly message: string | null
  readonly detail: Detail | null
}

export interface CheckAllOptions {
  readonly clock?: Clock
  readonly log?: Logger
  readonly signal?: AbortSignal
  /** The folder that relative paths in the config stand for. Default: the working directory. */
  readonly folder?: string | undefined
  /** Which services. Default: all. */
  readonly filter?: (facts: ServiceFacts) => boolean
  /** Told of each result as it comes. */
  readonly onResult?: (result: CheckResult) => void
  /** How long a provider may take to its first set, in ms. Default 30,000. */
  readonly discovery?: number
}

export interface CheckAllReport {
  readonly results: readonly CheckResult[]
  readonly skipped: readonly (Skipped & { readonly provider: string })[]
  /** Providers that gave no set, and why. */
  readonly failed: readonly { readonly provider: string; readonly reason: string }[]
}

/**
 * Checks every service of a config once, now. Writes nothing. A single failed check is `down` here: there is no
 * second attempt.
 */
export async function checkAll(
  config: ResolvedConfig,
  options: CheckAllOptions = {},
): Promise<CheckAllReport> {
  const found = await discoverOnce(config, options)
  const chosen = found.services.filter(({ facts }) => options.filter?.(facts) ?? true)
  const results = await new Round(config, options).run(chosen)
  await closeAll(found.services, options.clock ?? systemClock)
  return { results, skipped: found.skipped, failed: found.failed }
}

interface Chosen {
  readonly facts: ServiceFacts
  readonly service: Service
}

/** The answer is there already: what does not close well ends with the process. */
async function closeAll(chosen: readonly Chosen[], clock: Clock): Promise<void> {
  const retirement = new Retirement(clock, () => undefined)
  for (const { service } of chosen) retirement.retire(service)
  await retirement.settle()
}

/** The config's services and each provider's first set, merged as the runner would. */
async function discoverOnce(config: ResolvedConfig, options: CheckAllOptions) {
  const inventory = new Inventory([CONFIG_SOURCE, ...config.providers.map(({ name }) => name)])
  inventory.replace(CONFIG_SOURCE, new Map(config.services.map((service) => [serviceId(service), service])))
  const loops = await Promise.all(config.providers.map((provider) => firstSet(provider, inventory, options)))
  return {
    services: inventory
      .held()
      .map(({ id, service, sources }): Chosen => ({ service, facts: factsOf(id, service, sources) })),
    skipped: loops.flatMap(({ status }) =>
      status.skipped.map((skipped) => ({ ...skipped, provider: status.name })),
    ),
    failed: loops.flatMap(({ status, sets }) =>
      sets ? [] : [{ provider: status.name, reason: status.error ?? 'no set came in time' }],
    ),
  }
}

async function firstSet(provider: Provider, inventory: Inventory, options: CheckAllOptions) {
  const { clock = systemClock, log = silentLogger, discovery = 30_000 } = options
  const end = new AbortController()
  let sets = 0
  const loop = new ProviderLoop(provider, {
    clock,
    log,
    signal: options.signal ? AbortSignal.any([options.signal, end.signal]) : end.signal,
    onSet(name, services) {
      if (sets++ === 0) inventory.replace(name, services)
    },
    onStatus: () => end.abort(),
    folder: options.folder,
  })
  await within(clock, loop.run(), discovery)
  end.abort()
  return { status: loop.status, sets }
}

/** Checks a list of services with bounded concurrency. */
class Round {
  readonly clock: Clock
  readonly log: Logger
  readonly timeline: Timeline
  readonly #config: ResolvedConfig
  readonly #options: CheckAllOptions
  readonly #waiting = new Queue<Chosen>()
  readonly #running = new Set<Check<Chosen>>()
  readonly #results: CheckResult[] = []
  readonly #over = new AbortController()
  readonly #wallAtZero: number

  constructor(config: ResolvedConfig, options: CheckAllOptions) {
    this.#config = config
    this.#options = options
    this.clock = options.clock ?? systemClock
    this.log = options.log ?? silentLogger
    this.timeline = new Timeline(this.clock, () => undefined)
    this.#wallAtZero = this.clock.now() - this.clock.monotonic()
  }

  async run(chosen: readonly Chosen[]): Promise<CheckResult[]> {
    for (const item of chosen) this.#waiting.push(item)
    const stop = () => this.#over.abort()
    this.#options.signal?.addEventListener('abort', stop, { once: true })
    this.#next()
    await sleep(this.clock, Number.POSITIVE_INFINITY, this.#over.signal)
    this.#options.signal?.removeEventListener('abort', stop)
    for (const check of this.#running) check.cancel()
    this.timeline.clear()
    const order = new Map(chosen.map(({ facts }, index) => [facts.id, index]))
    return this.#results.sort((a, b) => order.get(a.id)! - order.get(b.id)!)
  }

  onOutcome(check: Check<Chosen>, outcome: Outcome): void {
    this.#running.delete(check)
    const at = Math.floor(this.#wallAtZero + check.startedAt)
    const { latencyMs, reason = null, detail = null } = outcome
    const result = { ...check.owner.facts, at, latencyMs, message: reason, detail }
    this.#results.push({ ...result, status: outcome.ok ? 'up' : 'down' })
    this.#options.onResult?.(this.#results.at(-1)!)
    this.#next()
  }

  onUnstuck(): void {}

  #next(): void {
    const timingOf = createTimingResolver(this.#config.timing)
    while (this.#running.size < this.#config.concurrency && this.#waiting.length) {
      const item = this.#waiting.shift()!
      const check = new Check<Chosen>(this, item, item.service, timingOf(item.service).timeout)
      this.#running.add(check)
      check.start()
    }
    if (!this.#running.size) this.#over.abort()
  }
}
