import * as v from 'valibot'
import { zoneSchema } from './calendar/zones.js'
import { publicStatus } from './consolidators/public-status.js'
import { sla } from './consolidators/sla.js'
import type {
  Consolidator,
  LeaseStore,
  Objective,
  Problem,
  Provider,
  Service,
  Storage,
  TimingOptions,
} from './contracts.js'
import { describe } from './describe.js'
import { formatDuration } from './duration.js'
import { messageOf, UptimeError } from './errors.js'
import { serviceId } from './identity.js'
import type { LeaseTiming } from './leadership/leadership.js'
import { formatProblem, validate } from './problems.js'
import { type JournalOptions, journal } from './schema/journal.js'
import { type LeaseOptions, lease, leaseStore, leaseTiming } from './schema/lease.js'
import { type MaintenancePlan, type MaintenanceRule, planMaintenance } from './schema/maintenance.js'
import { objective } from './schema/objective.js'
import { timingEntries, wholeNumber } from './schema/options.js'
import { type Found, isObject, type Placed, plugins, SHAPES } from './schema/shapes.js'
import { DEFAULT_CONCURRENCY, timingWarnings } from './schema/timing.js'

/** One, many, lists of lists, or something falsy: `isProduction && http(…)`. */
export type Nested<T> = T | false | null | undefined | '' | 0 | readonly Nested<T>[]

/** What a user writes. */
export interface Config extends TimingOptions {
  /** Whose records these are. Several monitors may share a database and never see each other. Default `default`. */
  readonly monitor?: string
  /** Where outages are remembered. `uptimeserver` uses a SQLite file beside the config when there is none. */
  readonly storage?: Storage
  readonly services?: Nested<Service>
  readonly providers?: Nested<Provider>
  /** What must be reachable for a failure to count: when all of it fails, the monitor's own network is gone. Not monitored. */
  readonly reference?: Nested<Service>
  /** What is made of the record, and how often. Default `[sla(), publicStatus()]`; `[]` switches both off. */
  readonly consolidators?: Nested<Consolidator>
  /** The IANA zone of reports and of local times in the config. Default UTC. */
  readonly zone?: string
  /** The availability aimed at, in percent, in (0, 100]: of everything, or by category. A service's own beats it. */
  readonly objective?: Objective
  /** Agreed time, in which checks go on and nothing counts. */
  readonly maintenance?: Nested<MaintenanceRule>
  /** Where it is written who leads. Default: the storage's own leases. */
  readonly leadership?: LeaseStore
  /** Where facts wait while the storage does not take them. */
  readonly journal?: JournalOptions
  /** How the one that leads is told from those that stand by. */
  readonly lease?: LeaseOptions
  /** Checks in flight at most, 1 to 100,000. Default 100. */
  readonly concurrency?: number
}

/** A config, or what makes one. */
export type ConfigInput = Config | Promise<Config> | (() => Config | Promise<Config>)

/** A config that was checked as a whole. */
export interface ResolvedConfig {
  readonly monitor: string
  readonly storage: Storage | undefined
  readonly services: readonly Service[]
  readonly providers: readonly Provider[]
  readonly reference: readonly Service[]
  readonly consolidators: readonly Consolidator[]
  readonly zone: string
  readonly objective: Objective | undefined
  readonly maintenance: readonly MaintenancePlan[]
  /** The config's own timing, which services fall back to. */
  readonly timing: TimingOptions
  readonly concurrency: number
  readonly leadership: LeaseStore | undefined
  readonly lease: LeaseTiming
  readonly journal: JournalOptions
  /** Legal, but probably not meant. */
  readonly warnings: readonly string[]
}

export interface ResolveOptions {
  /** How long a config function may take, in ms. Default 10,000. */
  readonly patience?: number
}

/**
 * Gives a config its type.
 *
 * @example
 * export default defineConfig({
 *   every: '60s',
 *   services: [http('https://example.com/health', { name: 'shop' })],
 * })
 */
export function defineConfig<T extends ConfigInput>(config: T): T {
  return config
}

/**
 * Checks a config and fills in what it leaves out. Opens and starts nothing.
 *
 * @throws UptimeError `CONFIG_INVALID` with everything that is wrong with it; `CONFIG_UNREADABLE` when its function throws.
 */
export async function resolveConfig(input: unknown, options: ResolveOptions = {}): Promise<ResolvedConfig> {
  const config = await settle(input, options.patience ?? 10_000)
  const found: Found[] = []
  if (!isObject(config)) {
    throw invalid([
      { where: '', problem: { path: '', found: describe(config), expected: 'a config object' } },
    ])
  }
  const services = plugins(config.services, SHAPES.services, found)
  const providers = plugins(config.providers, SHAPES.providers, found)
  const reference = plugins(config.reference, SHAPES.reference, found)
  const consolidators = plugins(
    config.consolidators === undefined ? [sla(), publicStatus()] : config.consolidators,
    SHAPES.consolidators,
    found,
  )
  const storages = config.storage === undefined ? [] : plugins([config.storage], SHAPES.storage, found)
  const own = checkOwnKeys(config, found)
  for (const problem of own.leadership?.problems ?? []) found.push({ where: 'leadership', problem })
  const zone = own.zone ?? 'UTC'
  const maintenance = planAll(config.maintenance, zone, found)
  findDuplicates(services, found)
  findSameNames(providers, 'providers', found)
  findSameNames(consolidators, 'consolidators', found)
  if (found.length) throw invalid(found)
  return {
    monitor: own.monitor ?? 'default',
    storage: storages[0]?.item as Storage | undefined,
    services: services.map(({ item }) => item as Service),
    providers: providers.map(({ item }) => item as Provider),
    reference: reference.map(({ item }) => item as Service),
    consolidators: consolidators.map(({ item }) => item as Consolidator),
    zone,
    objective: own.objective,
    maintenance,
    timing: own,
    concurrency: own.concurrency ?? DEFAULT_CONCURRENCY,
    leadership: own.leadership,
    lease: leaseTiming(own.lease),
    journal: own.journal ?? {},
    warnings: warningsOf(own, [...services, ...reference], services.length + providers.length === 0),
  }
}

/** Runs a config function, but not for ever. */
async function settle(input: unknown, patience: number): Promise<unknown> {
  if (typeof input !== 'function' && !(input instanceof Promise)) return input
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it did not settle within ${formatDuration(patience)}`)),
      patience,
    )
  })
  try {
    return await Promise.race([typeof input === 'function' ? (async () => input())() : input, late])
  } catch (cause) {
    throw new UptimeError('CONFIG_UNREADABLE', `the config's function failed: ${messageOf(cause)}`, { cause })
  } finally {
    clearTimeout(timer)
  }
}

const ownKeys = v.strictObject({
  monitor: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'a name of letters, digits, dots, dashes and underscores'),
    ),
  ),
  concurrency: v.optional(wholeNumber(1, 100_000)),
  ...timingEntries,
  zone: v.optional(zoneSchema),
  objective: v.optional(objective),
  storage: v.optional(v.unknown()),
  services: v.optional(v.unknown()),
  providers: v.optional(v.unknown()),
  reference: v.optional(v.unknown()),
  consolidators: v.optional(v.unknown()),
  maintenance: v.optional(v.unknown()),
  leadership: v.optional(leaseStore),
  lease: v.optional(lease),
  journal: v.optional(journal),
})

function checkOwnKeys(config: object, found: Found[]): v.InferOutput<typeof ownKeys> {
  const checked = validate(ownKeys, config)
  found.push(...(checked.problems ?? []).map((problem) => ({ where: '', problem })))
  return checked.problems ? {} : checked.value
}

/** Flattens the rules of maintenance and checks each. */
function planAll(value: unknown, zone: string, found: Found[], path = 'maintenance'): MaintenancePlan[] {
  if (!value) return []
  if (Array.isArray(value))
    return value.flatMap((item, index) => planAll(item, zone, found, `${path}[${index}]`))
  const planned = planMaintenance(value, zone)
  if ('plan' in planned) return [planned.plan]
  found.push(...planned.problems.map((problem) => ({ where: path, problem })))
  return []
}

function findDuplicates(services: readonly Placed[], found: Found[]): void {
  const seen = new Map<string, string>()
  for (const { item, where } of services) {
    if (item.problems?.length) continue
    const id = serviceId(item as Service)
    const first = seen.get(id)
    if (first) found.push({ where, problem: duplicate(first) })
    seen.set(id, first ?? where)
  }
}

function duplicate(first: string): Problem {
  const expected = 'each service to differ in kind, category, name or identity'
  return {
    path: '',
    found: `the same service as ${first}`,
    expected,
    hint: 'give one of them another name or category',
  }
}

function findSameNames(placed: readonly Placed[], key: string, found: Found[]): void {
  const names = placed.map(({ item }) => item.name)
  placed.forEach(({ item, where }, index) => {
    const taken = names.indexOf(item.name) < index || (key === 'providers' && item.name === 'config')
    if (taken)
      found.push({
        where,
        problem: { path: 'name', found: describe(item.name), expected: 'a name of its own' },
      })
  })
}

function warningsOf(own: TimingOptions, services: readonly Placed[], isEmpty: boolean): string[] {
  return [
    ...(isEmpty ? ['there is nothing to monitor: the config has neither services nor providers'] : []),
    ...timingWarnings(own, ''),
    ...services.flatMap(({ item, where }) => timingWarnings(item.timing, `${where} · `)),
  ]
}

function invalid(found: readonly Found[]): UptimeError {
  const lines = found.map(({ where, problem }) => `- ${formatProblem(problem, where)}`)
  const heading =
    found.length === 1 ? 'the config has a problem:' : `the config has ${found.length} problems:`
  const problems = found.map(({ where, problem }) => ({
    ...problem,
    path: [where, problem.path].filter(Boolean).join(' · '),
  }))
  return new UptimeError('CONFIG_INVALID', [heading, ...lines].join('\n'), { problems })
}
