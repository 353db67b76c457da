/**
 * Every contract of Uptime Server, and nothing else. Times are integer milliseconds since the epoch; durations
 * are milliseconds unless a type says {@link Duration}; intervals are half-open, `[start, end)`.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Duration } from './duration.js'

/** A value that survives JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** Facts beside a verdict, as shown by `uptime check` and kept with a downtime. Stored up to 1 KiB of JSON. */
export type Detail = { readonly [key: string]: Json | undefined }

/** Takes one line of log. Fields must survive JSON; secrets print as `***`. */
export interface Logger {
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

/** The only source of time in core, so that tests can bring their own. */
export interface Clock {
  /** Wall time in ms since the epoch. May jump. */
  now(): number
  /** Milliseconds on a clock that never goes back. Has no relation to the wall. */
  monotonic(): number
  /** Calls back once after `ms`. Returns what cancels it. */
  timer(callback: () => void, ms: number): () => void
}

/** What every plugin is handed for one piece of work. */
export interface Context {
  /** Aborted at the deadline or at stop. Whatever waits must listen to it. */
  readonly signal: AbortSignal
  readonly log: Logger
  readonly clock: Clock
}

/** One thing that is wrong with what the user wrote. */
export interface Problem {
  /** Where: `services[2]`, `expect.status`. Empty for the thing as a whole. */
  readonly path: string
  /** What stands there, fit to be printed. Never a secret. */
  readonly found: string
  /** What should stand there. */
  readonly expected: string
  /** How to mend it, when that is not obvious from `expected`. */
  readonly hint?: string
}

/** Anything a config can hold: `problems` is what its factory found wrong with its options. */
export interface Plugin {
  readonly problems?: readonly Problem[]
}

/** When and how often a service is checked, in milliseconds. */
export interface Timing {
  /** From one check to the next, while up and while down. Default 60,000. */
  readonly every: number
  /** From a failed check to the next attempt; never longer than `every`. Default 5,000. */
  readonly retryEvery: number
  /** Total deadline of one check. May be longer than `every`. Default 10,000. */
  readonly timeout: number
  /** Failed checks in a row that make a downtime. Default 3. */
  readonly attempts: number
}

/** {@link Timing} as a user writes it. */
export interface TimingOptions {
  readonly every?: Duration | undefined
  readonly retryEvery?: Duration | undefined
  readonly timeout?: Duration | undefined
  readonly attempts?: number | undefined
}

/** One thing whose availability is measured. */
export interface Service extends Plugin {
  /** What sort of thing it is: `http`, `mongo`. */
  readonly kind: string
  readonly name: string
  readonly category?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** What the id is made of, together with the kind. Default: category and name. */
  readonly identity?: string | undefined
  /** What the user wrote for this service. */
  readonly timing?: TimingOptions | undefined
  /** What the plugin suggests; the config's own timing beats it. */
  readonly defaults?: TimingOptions | undefined
  /** The availability aimed at, in percent, in (0, 100]. */
  readonly objective?: number | undefined
  /** Where it connects to, as far as its options say: `https://example.com`, `mongodb://db:27017`. Never a secret; `uptime doctor` looks them up. */
  readonly endpoints?: readonly string[] | undefined
  /** Returns: up. Throws: down, and the error's message is the reason; a `detail` on the error is kept with it. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a check that has nothing to add just returns
  check(context: Context): Promise<Detail | void>
  /**
   * Lets go of what the service holds (pools, clients). Called once, after its last check: when it was dropped, or
   * another object took its place. A provider must not hand over the same object again after that.
   */
  close?(): Promise<void> | void
}

/** Something a provider saw and did not turn into a service. */
export interface Skipped {
  readonly what: string
  readonly reason: string
  /** Nothing is missing for it, and it counts as nothing that was skipped: it is only told. Default false. */
  readonly harmless?: boolean | undefined
}

/** The whole set of a provider at one moment. */
export interface Discovery {
  readonly services: readonly Service[]
  readonly skipped?: readonly Skipped[]
}

/** What a provider is handed. */
export interface DiscoveryContext extends Context {
  /** The folder that relative paths in the config stand for. Default: the working directory. */
  readonly folder?: string | undefined
}

/** Discovers services and keeps the set current. */
export interface Provider extends Plugin {
  readonly name: string
  /** Each yield is the whole set. Throwing keeps the last set and restarts it with backoff; returning keeps it for good. */
  discover(context: DiscoveryContext): AsyncIterable<Discovery>
  /** What it makes services of when it is told of them as data: `uptime schema` describes that. Absent: it is not. */
  readonly types?: ServiceTypes
}

/** A factory of services that also takes its options as one object: what `definePlugin` makes of a kind. */
export interface ServiceType {
  readonly spec: { readonly kind: string; readonly schema: StandardSchemaV1 }
  from(options: unknown): Service
}

/** Factories by the names that data use for them: `{ http, mongo }`. */
export type ServiceTypes = Readonly<Record<string, ServiceType>>

/** What is remembered of a service. */
export interface ServiceFacts {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly category?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly objective?: number | undefined
  /** The providers that hold it; `config` for the config itself. */
  readonly sources: readonly string[]
}

interface Fact {
  /** Unique for ever. A fact whose id is known is not taken twice. */
  readonly id: string
  /** When it became known. Never earlier than the fact before it of the same run. */
  readonly at: number
  /** The run that says so, and proof that it lived at `at`. Absent where nothing is proven: a person's word, a gap that goes on. */
  readonly run?: string
}

export interface ServiceAdded extends Fact {
  readonly type: 'service-added'
  readonly service: ServiceFacts
}
export interface ServiceChanged extends Fact {
  readonly type: 'service-changed'
  readonly service: ServiceFacts
}
/** Ends the monitored interval. An open downtime is closed by an {@link Up} of its own, with the reason `removed`. */
export interface ServiceRemoved extends Fact {
  readonly type: 'service-removed'
  readonly service: string
}
/** A hard failure. Its id is the downtime's id; while one is open for the service, it is that one. */
export interface Down extends Fact {
  readonly type: 'down'
  readonly service: string
  /** The start of the first failed check of the streak. */
  readonly start: number
  /**
   * Told when it was over already, by one that does not lead any more: beside whatever is open, which it does not touch.
   * Absent: it opens.
   */
  readonly end?: number | undefined
  readonly reason: string
  readonly detail?: Detail | undefined
}
/** Closes the downtime that it names, and no other. */
export interface Up extends Fact {
  readonly type: 'up'
  readonly service: string
  readonly downtime: string
  /** The start of the first good check. */
  readonly end: number
  /** Why it ended: `recovered` or `removed`. */
  readonly reason: 'recovered' | 'removed'
}
/** Proof of life: from `start` to `at` the run was there without a break. */
export interface Alive extends Fact {
  readonly type: 'alive'
  readonly run: string
  readonly start: number
}
/**
 * One service was not observed although the monitor ran. Stated without an end while that goes on, so that a crash
 * vouches for nothing, and again with the same service and start once the end is known. One is open per service at most.
 */
export interface GapFound extends Fact {
  readonly type: 'gap'
  readonly service: string
  readonly start: number
  /** `null`: it goes on. */
  readonly end: number | null
  readonly reason: string
}
/** Agreed time. The latest word on a `window` holds. */
export interface MaintenanceSet extends Fact {
  readonly type: 'maintenance'
  readonly window: string
  /** Ids of the services it is for; absent: all. */
  readonly services?: readonly string[] | undefined
  readonly start: number
  readonly end: number | null
  readonly reason: string
  readonly author?: string | undefined
}
/** A later word about a downtime. The latest holds. */
export interface Correction extends Fact {
  readonly type: 'correction'
  readonly downtime: string
  readonly exclude: boolean
  readonly reason: string
  readonly author: string
}

/** Another instance leads from here on: the first fact of its term. */
export interface Led extends Fact {
  readonly type: 'led'
  /** See {@link Lease.holder}. */
  readonly holder: string
}

/** The facts of the log. */
export type Event =
  | Led
  | ServiceAdded
  | ServiceChanged
  | ServiceRemoved
  | Down
  | Up
  | Alive
  | GapFound
  | MaintenanceSet
  | Correction

/** A position in the log: the `seq` of an entry. 0 is before the first. */
export type Cursor = number

/** One batch of facts, as the log holds it. `seq` counts from 1 without holes. */
export interface Entry {
  readonly seq: Cursor
  readonly term: number
  readonly events: readonly Event[]
}

/** A half-open stretch of time, in ms since the epoch. */
export interface Interval {
  readonly start: number
  /** `null`: still open. */
  readonly end: number | null
}

export interface ServiceRecord extends ServiceFacts {
  /** When it was under watch, in order. The last is open unless the service was removed. */
  readonly monitored: readonly Interval[]
}

export interface Downtime extends Interval {
  readonly id: string
  readonly service: string
  readonly reason: string
  readonly detail?: Detail | undefined
  /** Every correction that touches it, oldest first. */
  readonly corrections: readonly Correction[]
}

export interface Run {
  readonly id: string
  readonly start: number
  /** The last proof of life. */
  readonly end: number
}

export interface Gap extends Interval {
  readonly id: string
  readonly service: string
  readonly reason: string
}

export interface Maintenance extends Interval {
  readonly window: string
  readonly services?: readonly string[] | undefined
  readonly reason: string
  readonly author?: string | undefined
}

/** A figure made static: one version of it. */
export interface Summary {
  /** What the figure is of. */
  readonly key: string
  /** 1, 2, 3 … of the same key, which never change. 0 is not static yet: the next 0 takes its place, a 1 hides it. */
  readonly version: number
  /** The log position it was made from. */
  readonly asOf: Cursor
  readonly at: number
  readonly body: Json
}

/** What `uptime status` shows of a running monitor: not a fact, the latest wins, lost in a crash without harm. */
export interface Live {
  /** A service's id, or `monitor`, or `provider:<name>`. */
  readonly key: string
  readonly at: number
  readonly body: Json
}

/** Which services. Absent fields select everything. */
export interface ServiceFilter {
  readonly ids?: readonly string[]
  /** Also those that are no longer monitored. Default false. */
  readonly removed?: boolean
}

/** Which intervals: those that touch `[from, to)`, of these services. Ordered by start, then id. */
export interface Query {
  /** Only these: ids of downtimes, runs, gaps, or maintenance windows. */
  readonly ids?: readonly string[] | undefined
  readonly services?: readonly string[] | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Only open ones (`true`) or closed ones (`false`). */
  readonly open?: boolean | undefined
}

export interface SummaryQuery {
  /** Keys that begin with this. */
  readonly prefix?: string | undefined
  /** Every version instead of the latest. */
  readonly versions?: boolean | undefined
}

/** The reading half of a storage, of one monitor's records. */
export interface Reader {
  /** Ordered by when they came under watch, then id. */
  services(filter?: ServiceFilter): Promise<readonly ServiceRecord[]>
  downtimes(query?: Query): AsyncIterable<Downtime>
  runs(query?: Query): AsyncIterable<Run>
  gaps(query?: Query): AsyncIterable<Gap>
  maintenance(query?: Query): AsyncIterable<Maintenance>
  summaries(query?: SummaryQuery): AsyncIterable<Summary>
  live(): Promise<readonly Live[]>
  /** The log after a cursor, in order, without holes. */
  changes(since: Cursor): AsyncIterable<Entry>
  /** The position of the last entry; 0 while there is none. */
  cursor(): Promise<Cursor>
  /** Facts of before this were forgotten, in ms since the epoch; `null` or absent: none were. */
  since?(): Promise<number | null>
}

/** Whose records, and how. */
export interface OpenOptions {
  /** The monitor whose log this is. Monitors in one database never see each other. */
  readonly monitor: string
  /** Creates and changes nothing; what does not exist yet reads as empty. Default false. */
  readonly readOnly?: boolean
  /** The folder that relative paths stand for. Default: the working directory. */
  readonly folder?: string | undefined
}

export interface RecordOptions {
  /** The writer's term. A lower one than the log's last is refused with `STORAGE_FENCED`. Absent: a person's word, needs no lease. */
  readonly term?: number
  /** How far the log has come by what the writer knows. One that ends before that has lost entries, and is refused with `RECORD_LOST`. */
  readonly after?: Cursor
  readonly signal?: AbortSignal
}

/** The right to be the one active instance of a monitor. */
export interface Lease {
  /** Who has it; `null`: nobody, it was given back. */
  readonly holder: string | null
  /** Grows with each holder, and fences what it writes. */
  readonly term: number
  /** When the holder got it, by its own clock. */
  readonly acquired: number
  /** When it last said that it is there, by its own clock: others time by theirs how long this has not changed. */
  readonly renewed: number
  /** How long without a change others must wait before they take it, in ms. */
  readonly duration: number
}

/** What is on record, and the token that the next write must bring. */
export interface LeaseRecord {
  readonly lease: Lease
  readonly token: string
}

/** Keeps the lease of one monitor. */
export interface LeaseStore {
  /** `undefined` while there has never been one. */
  read(): Promise<LeaseRecord | undefined>
  /**
   * Compare-and-set: writes only over what was read.
   *
   * @param token what was read had it; `undefined` to make the first. One of another record must not fit, where that has taken this
   * one's place
   * @returns the new token, or `undefined` when somebody else was quicker
   */
  write(lease: Lease, token: string | undefined): Promise<string | undefined>
}

/** Remembers. One instance is opened for one monitor. */
export interface Storage extends Reader, Plugin {
  readonly name: string
  open(context: Context, options: OpenOptions): Promise<void>
  /**
   * Appends one entry: all or nothing, durable when it resolves. Facts whose ids are known are left out; when nothing
   * is left, no entry is written. An `alive` extends its run and is in the log only when it begins one.
   *
   * @returns the position of the last entry then
   */
  record(events: readonly Event[], options?: RecordOptions): Promise<Cursor>
  /**
   * Adds versions. One that exists is left as it is, but for version 0, which is replaced, and removed by a `body` of
   * `null`.
   */
  save(summaries: readonly Summary[]): Promise<void>
  /** Latest wins; a body of `null` takes the row away. Not durable, not in `changes`. */
  publish(live: readonly Live[]): Promise<void>
  /**
   * Says that everything before a time is summarised, and no figure of it will be counted again. A storage that keeps facts for
   * a limited time may forget those that are older than that, too; never what was saved as a summary, nor what still goes on.
   */
  forget?(before: number): Promise<void>
  /** The lease of the monitor, while it is open. Absent: one instance at a time is all there can be. */
  readonly leases?: LeaseStore | undefined
  close(): Promise<void>
}

/** A stretch of time to work on. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The availability aimed at, in percent, in (0, 100]: of everything, or by category. */
export type Objective =
  | number
  | {
      readonly default?: number | undefined
      readonly categories?: Readonly<Record<string, number>> | undefined
    }

/** Which services, by what they are. Each key that is given must fit; of a list, any entry. */
export interface ServiceTraits {
  /** Exact names. */
  readonly names?: readonly string[] | undefined
  readonly ids?: readonly string[] | undefined
  readonly kinds?: readonly string[] | undefined
  readonly categories?: readonly string[] | undefined
  /** All of these, with exactly these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/**
 * Which services: by what they are, or by a function's word.
 *
 * @example
 * const shops: ServiceSelector = { categories: ['shop'], labels: { team: 'sales' } }
 */
export type ServiceSelector = ServiceTraits | ((service: ServiceFacts) => boolean)

/** What is to be consolidated when somebody asks for it by hand. */
export interface Scope {
  /** Periods that lie within it and are over, whether they were made before or not. */
  readonly range?: Range | undefined
  /** Only these services, of those that the consolidator is for. */
  readonly filter?: ServiceSelector | undefined
}

/** What a consolidator is handed, with what the config says about reports. */
export interface ConsolidatorContext extends Context {
  /** The IANA zone that periods are of where nobody says otherwise. */
  readonly zone: string
  readonly objective?: Objective | undefined
}

/**
 * How often something happens: after each such length of time, or whenever a cron line says so: five fields (minute, hour,
 * day, month, weekday), or six with seconds first, in the time zone of that IANA name. Default: the config's zone.
 */
export type Schedule = Duration | { readonly cron: string; readonly zone?: string | undefined }

/** Turns the raw record into something static. Works on every storage. */
export interface Consolidator extends Plugin {
  readonly name: string
  readonly schedule: Schedule
  /**
   * Idempotent: again on the same facts writes nothing new.
   *
   * @param scope what somebody asks for by hand; absent: whatever is due
   */
  consolidate(storage: Storage, context: ConsolidatorContext, scope?: Scope): Promise<void>
}
