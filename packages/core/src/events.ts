import type { Detail, ServiceFacts, Skipped } from './contracts.js'
import type { UptimeError } from './errors.js'
import type { Status } from './monitor/state.js'

/** How a service stands now. */
export interface ServiceStatus extends ServiceFacts {
  readonly status: Status
  /** Start of the first failed check while soft or down, of the first good one while up; ms since the epoch. */
  readonly since: number | null
  /** When the last check started. */
  readonly lastCheck: number | null
  /** How long it took, in ms. */
  readonly latencyMs: number | null
  /** Failed checks in a row, of so many that make a downtime. */
  readonly failures: number
  readonly attempts: number
  /** Why the last check failed; `null` when it did not. */
  readonly message: string | null
  /** When the next check is due. */
  readonly nextCheck: number | null
}

/** One check was counted. */
export interface CheckEvent {
  readonly service: ServiceStatus
  readonly ok: boolean
  /** When it started. */
  readonly at: number
  readonly detail: Detail | undefined
}

/** A service changed its status. */
export interface TransitionEvent {
  readonly service: ServiceStatus
  readonly from: Status
  readonly to: Status
  /** When the change took place: the start of the check that brought it, for `down` that of the first failed one. */
  readonly at: number
  readonly reason: string | null
  /** The downtime that opened or closed. */
  readonly downtime: string | null
  /** Whether the storage has it. `false`: it waits in the queue. Changes from and to `soft` are not stored. */
  readonly stored: boolean | null
}

/** The set of services changed. */
export interface ServicesEvent {
  readonly source: string
  readonly added: readonly ServiceFacts[]
  readonly changed: readonly ServiceFacts[]
  readonly removed: readonly ServiceFacts[]
}

export interface ProviderStatus {
  readonly name: string
  /** How many services its last set holds. */
  readonly services: number
  readonly skipped: readonly Skipped[]
  /** Since when it fails and its last set is used; `null` when it does not. */
  readonly staleSince: number | null
  readonly error: string | null
}

/** A service was not observed for longer than one interval although the monitor ran. Blindness is told once for all, by `blind`. */
export interface GapEvent {
  readonly service: ServiceFacts
  readonly start: number
  readonly end: number
  readonly reason: string
}

/** The monitor itself can reach nothing, so that no failure counts; or it can again. */
export interface BlindEvent {
  readonly at: number
  /** When that was found out first; `null`: it is over. */
  readonly since: number | null
  readonly reason: string | null
}

/** The loop stood still: no check could be made. */
export interface BlockedEvent {
  readonly at: number
  readonly ms: number
  /** Who did it, or, when that is not certain, who was in flight. */
  readonly suspects: readonly string[]
  readonly certain: boolean
}

/** A new run began: at start, or because time jumped or stood still. */
export interface RunEvent {
  readonly run: string
  readonly at: number
  readonly reason: string
}

/** The storage stopped taking facts, or takes them again. */
export interface StorageEvent {
  readonly waiting: number
  readonly error: UptimeError | null
}

/** Maintenance that the config says has begun, is for more services, or ends because the config does not say so any more. */
export interface MaintenanceEvent {
  readonly window: string
  readonly start: number
  readonly end: number | null
  readonly reason: string
  /** Ids; absent: all. */
  readonly services?: readonly string[] | undefined
}

/** Where this instance stands among those that may lead the monitor. */
export interface LeadershipStatus {
  /**
   * `leading`: it checks and writes. `standby`: another one does. `lapsed`: it could not renew its lease in time; it checks, and what
   * it finds waits. `waiting`: the storage is away, so nobody can say; the same.
   */
  readonly standing: 'leading' | 'standby' | 'lapsed' | 'waiting'
  /** Since when, in ms since the epoch. */
  readonly since: number
  /** This instance. */
  readonly self: string
  /** Who holds the lease, as far as is known; `null`: nobody, or there is none. */
  readonly holder: string | null
  /** When the holder got it, by its own clock, in ms since the epoch. */
  readonly heldSince: number | null
  /** Grows with each holder. */
  readonly term: number
}

/** What a runner tells, by name. */
export interface RunnerEvents {
  check: CheckEvent
  transition: TransitionEvent
  services: ServicesEvent
  provider: ProviderStatus
  gap: GapEvent
  blind: BlindEvent
  blocked: BlockedEvent
  run: RunEvent
  maintenance: MaintenanceEvent
  storage: StorageEvent
  leadership: LeadershipStatus
  error: { readonly error: UptimeError }
}
