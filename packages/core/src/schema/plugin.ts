import type { StandardSchemaV1 } from '@standard-schema/spec'
import type {
  Consolidator,
  Context,
  Detail,
  LeaseStore,
  Problem,
  Provider,
  Service,
  Storage,
  TimingOptions,
} from '../contracts.js'
import { describe } from '../describe.js'
import { messageOf } from '../errors.js'
import { joinPath, validate } from '../problems.js'
import { isSecret } from '../secret.js'
import { SERVICE_OPTION_NAMES, type ServiceOptions, serviceOptions } from './options.js'

/** The part of a service that its plugin makes; the rest comes from {@link ServiceOptions}. */
export interface ServicePart {
  /** Used where the user gave none. */
  readonly name?: string | undefined
  readonly identity?: string | undefined
  /** See {@link Service.endpoints}. */
  readonly endpoints?: readonly string[] | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a check that has nothing to add just returns
  check(context: Context): Promise<Detail | void>
  close?(): Promise<void> | void
}

interface Spec<Options, Made, Args extends unknown[], Input = unknown> {
  /**
   * Checks the options and gives them their final shape. Any library that speaks the Standard Schema will do
   * (https://standardschema.dev); it must not be asynchronous.
   */
  readonly schema: StandardSchemaV1<Input, Options>
  /** How a call's arguments become one options object. Default: the first argument. */
  readonly args?: (...args: Args) => object
  /** Makes the plugin from checked options. Opens nothing and waits for nothing. */
  create(options: Options): Made
}

/** Describes a plugin that checks something. Its factory takes {@link ServiceOptions} besides its own options. */
export interface ServiceSpec<Options, Args extends unknown[], Input = unknown>
  extends Spec<Options, ServicePart, Args, Input> {
  readonly kind: string
  /** The timing that suits this kind; the config's own beats it. */
  readonly defaults?: TimingOptions
}

/** Describes a provider, storage or consolidator. */
export interface PluginSpec<Options, Made, Args extends unknown[], Input = unknown>
  extends Spec<Options, Made, Args, Input> {
  readonly name: string
}

/** What {@link definePlugin} makes: call it with its arguments, or use it where options come from elsewhere. */
export type Factory<Args extends unknown[], Made, S> = ((...args: Args) => Made) & {
  readonly spec: S
  /** Makes it from one object that has everything, the arguments by their names: as a file or a table has it. */
  from(options: unknown): Made
}

/**
 * Makes a factory that never throws on bad options: what it returns carries `problems`, so that everything that is
 * wrong with a config is shown at once. With a `kind` it makes services, with a `name` anything else.
 *
 * @example
 * export const tcp = definePlugin({
 *   kind: 'tcp',
 *   schema: v.strictObject({ host: v.string(), port: v.number() }),
 *   create: ({ host, port }) => ({ check: ({ signal }) => connectOnce(host, port, signal) }),
 * })
 * tcp({ name: 'database', host: 'db.internal', port: 5432, every: '10s' })
 */
export function definePlugin<
  Options extends object,
  Input = Options,
  Args extends unknown[] = [options: Input & ServiceOptions],
>(spec: ServiceSpec<Options, Args, Input>): Factory<Args, Service, ServiceSpec<Options, Args>>
export function definePlugin<
  Options extends object,
  Made extends Provider | Storage | Consolidator | LeaseStore,
  Input = Options,
  Args extends unknown[] = [options?: Input],
>(spec: PluginSpec<Options, Made, Args, Input>): Factory<Args, Made, PluginSpec<Options, Made, Args>>
export function definePlugin(spec: AnySpec): Factory<unknown[], object, AnySpec> {
  const from = (options: unknown) => ('kind' in spec ? makeService(spec, options) : makeOther(spec, options))
  const factory = (...args: unknown[]) => from(readArguments(spec, args))
  return Object.assign(factory, { spec, from })
}

type AnySpec = ServiceSpec<object, unknown[]> | PluginSpec<object, object, unknown[]>

function readArguments(spec: AnySpec, args: unknown[]): unknown {
  try {
    return spec.args ? spec.args(...args) : (args[0] ?? {})
  } catch {
    return args[0]
  }
}

/** A service whose common parts come from the user's options and whose check comes from the plugin. */
class PluginService implements Service {
  readonly #spec: ServiceSpec<object, unknown[]>
  readonly #common: ServiceOptions
  readonly #part: ServicePart
  declare readonly problems?: readonly Problem[]

  constructor(
    spec: ServiceSpec<object, unknown[]>,
    common: ServiceOptions,
    part: ServicePart,
    problems: readonly Problem[],
  ) {
    this.#spec = spec
    this.#common = common
    this.#part = part
    if (problems.length) this.problems = problems
  }

  get kind() {
    return this.#spec.kind
  }
  get name() {
    return this.#common.name ?? this.#part.name ?? ''
  }
  get category() {
    return this.#common.category
  }
  get labels() {
    return this.#common.labels
  }
  get identity() {
    return this.#common.identity ?? this.#part.identity
  }
  get timing(): TimingOptions {
    return this.#common
  }
  get defaults() {
    const { defaults } = this.#common
    return defaults ? { ...this.#spec.defaults, ...defaults } : this.#spec.defaults
  }
  get objective() {
    return this.#common.objective
  }
  get endpoints() {
    return this.#part.endpoints
  }
  check(context: Context) {
    return this.#part.check(context)
  }
  close() {
    return this.#part.close?.()
  }
}

const BROKEN: ServicePart = { check: () => Promise.reject(new Error('its options are wrong')) }

function makeService(spec: ServiceSpec<object, unknown[]>, options: unknown): Service {
  const [common, own] = split(options)
  const shared = validate(serviceOptions, common)
  const { made, problems } = build(spec, own, [...SERVICE_OPTION_NAMES])
  const all = [...(shared.problems ?? []), ...problems]
  const service = new PluginService(spec, common, made ?? BROKEN, all)
  if (service.name || all.length) return service
  const nameless = { path: 'name', found: 'nothing', expected: 'a name for people to read' }
  return new PluginService(spec, common, made ?? BROKEN, [nameless])
}

/** The options that every service has, and those that are the plugin's. */
function split(options: unknown): [ServiceOptions, unknown] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return [{}, options]
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  const isCommon = ([key]: [string, unknown]) => SERVICE_OPTION_NAMES.has(key)
  return [
    Object.fromEntries(entries.filter(isCommon)),
    Object.fromEntries(entries.filter((entry) => !isCommon(entry))),
  ]
}

function makeOther(spec: PluginSpec<object, object, unknown[]>, options: unknown): object {
  const { made, problems } = build(spec, options)
  return problems.length ? { ...made, name: spec.name, problems } : made!
}

/** The plugin's own part, or all that keeps it from being made. */
function build<Made>(
  spec: Spec<object, Made, unknown[]>,
  options: unknown,
  others: readonly string[] = [],
): { made?: Made; problems: readonly Problem[] } {
  const checked = validate(spec.schema, options, others)
  const problems = [...(checked.problems ?? []), ...secretProblems(options)]
  if (checked.problems || problems.length) return { problems }
  try {
    return { made: spec.create(checked.value), problems }
  } catch (error) {
    return {
      problems: [
        { path: '', found: describe(options), expected: `options it can use (${messageOf(error)})` },
      ],
    }
  }
}

/** Secrets that cannot be had, wherever they stand among the options. */
function secretProblems(options: unknown, keys: readonly string[] = []): Problem[] {
  if (isSecret(options)) {
    const problem = options.problem
    return problem
      ? [{ path: joinPath(keys), found: `a secret that cannot be had (${problem})`, expected: 'its value' }]
      : []
  }
  if (!isPlain(options) || keys.length > 5) return []
  return Object.entries(options).flatMap(([key, value]) => secretProblems(value, [...keys, key]))
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}
