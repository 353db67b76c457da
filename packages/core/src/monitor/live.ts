import type { Json, Live, Skipped } from '../contracts.js'
import type { ProviderStatus } from '../events.js'
import { liveOf, type Target, type ToWall } from './target.js'

/** The live state of one service, beside what the record says of it. `upSince`: before a soft failure. */
export type ServiceLive = ReturnType<typeof liveOf>

/** {@link ServiceLive}, and when it was published. */
export interface SeenLive extends ServiceLive {
  readonly at: number
}

/** The live state of the monitor itself. */
export interface MonitorLive {
  readonly running: boolean
  readonly run: string
  /** Since when it leads. */
  readonly startedAt: number
  readonly pid: number
  readonly host: string
  /** Facts that the storage does not have yet. */
  readonly waiting: number
}

export const MONITOR_KEY = 'monitor'
const PROVIDER_PREFIX = 'provider:'
const STANDBY_PREFIX = 'standby:'
/** A row older than this says that its monitor is gone, in ms. */
const FRESH = 5_000
/** A row older than this says that nobody stands by there any more, in ms. */
const STANDS_BY = 10_000
const MOST_SKIPPED = 1_000

/** What a storage's live rows say. */
export interface LiveView {
  /** Absent when no monitor runs. */
  readonly monitor: MonitorLive | undefined
  /** The last that was seen of each service, whether a monitor runs or not. */
  readonly services: ReadonlyMap<string, SeenLive>
  readonly providers: readonly ProviderStatus[]
  /** Instances that would take over, by their ids. */
  readonly standbys: readonly string[]
}

export function readLive(rows: readonly Live[], now: number): LiveView {
  const monitor = rows.find(({ key }) => key === MONITOR_KEY)
  const body = monitor?.body as MonitorLive | undefined
  const isRunning = monitor && body?.running && Math.abs(now - monitor.at) <= FRESH
  const providers = rows.filter(({ key }) => key.startsWith(PROVIDER_PREFIX))
  const standbys = rows.filter(({ key }) => key.startsWith(STANDBY_PREFIX))
  const others = new Set([monitor, ...providers, ...standbys])
  const services = rows.filter((row) => !others.has(row))
  return {
    monitor: isRunning ? body : undefined,
    services: new Map(
      services.map(({ key, at, body }) => [key, { ...(body as unknown as ServiceLive), at }]),
    ),
    providers: providers.map(({ body }) => body as unknown as ProviderStatus),
    standbys: standbys
      .filter(({ at }) => Math.abs(now - at) <= STANDS_BY)
      .map(({ key }) => key.slice(STANDBY_PREFIX.length))
      .sort(),
  }
}

export function serviceRow(target: Target, toWall: ToWall, at: number): Live {
  return { key: target.id, at, body: liveOf(target, toWall) }
}

export function providerRow(status: ProviderStatus, at: number): Live {
  const skipped: readonly Skipped[] = status.skipped.slice(0, MOST_SKIPPED)
  return { key: PROVIDER_PREFIX + status.name, at, body: { ...status, skipped } as unknown as Json }
}

/** @param isHere `false` takes the row away */
export function standbyRow(instance: string, at: number, isHere: boolean): Live {
  return { key: STANDBY_PREFIX + instance, at, body: isHere ? {} : null }
}

export function monitorRow(live: MonitorLive, at: number): Live {
  return { key: MONITOR_KEY, at, body: { ...live } }
}
