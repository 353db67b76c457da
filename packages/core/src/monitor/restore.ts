import type { Downtime, Maintenance, Range, ServiceRecord, Storage } from '../contracts.js'
import { readLive, type ServiceLive } from './live.js'
import { restoredDown, type State, UNKNOWN } from './state.js'

/** What an earlier run left behind. */
export interface Restored {
  readonly services: Map<string, ServiceRecord>
  readonly downtimes: Map<string, Downtime>
  readonly live: ReadonlyMap<string, ServiceLive>
  /** Services that nobody looks at, and since when that is on record. */
  readonly gaps: Map<string, number>
  /** The last proof of life of any run, or `null`. */
  readonly lastAlive: number | null
  /** Windows that were not over then, and those that are asked for. */
  readonly maintenance: readonly Maintenance[]
}

/** The same of a place where nothing was left behind, or nobody can say. */
export function nothingRestored(): Restored {
  return {
    services: new Map(),
    downtimes: new Map(),
    live: new Map(),
    gaps: new Map(),
    lastAlive: null,
    maintenance: [],
  }
}

/** What is under watch, down and unseen, as far as a storage knows. */
export async function openIn(storage: Storage): Promise<Pick<Restored, 'services' | 'downtimes' | 'gaps'>> {
  const services = new Map((await storage.services()).map((record) => [record.id, record]))
  const downtimes = new Map<string, Downtime>()
  for await (const downtime of storage.downtimes({ open: true })) downtimes.set(downtime.service, downtime)
  const gaps = new Map<string, number>()
  for await (const { service, start } of storage.gaps({ open: true })) gaps.set(service, start)
  return { services, downtimes, gaps }
}

/** @param windowsIn ids of maintenance windows that somebody wants to know of, given the time that nobody watched */
export async function restore(
  storage: Storage,
  now: number,
  windowsIn: (range: Range) => readonly string[] = () => [],
): Promise<Restored> {
  const open = await openIn(storage)
  const live = readLive(await storage.live(), now).services
  const lastAlive = await lastAliveIn(storage)
  const maintenance: Maintenance[] = []
  for await (const window of storage.maintenance({ from: lastAlive ?? now })) maintenance.push(window)
  const windows = windowsIn({ start: lastAlive ?? now, end: now + 1 })
  if (windows.length)
    for await (const window of storage.maintenance({ ids: windows })) maintenance.push(window)
  return { ...open, live, lastAlive, maintenance }
}

/** The last proof of life of any run. */
export async function lastAliveIn(storage: Storage): Promise<number | null> {
  let last: number | null = null
  for await (const { end } of storage.runs()) last = Math.max(last ?? end, end)
  return last
}

/** The state in which a service begins: its open downtime, or the streak and the good time that were seen last. */
export function stateFrom(downtime: Downtime | undefined, live: ServiceLive | undefined): State {
  if (downtime) return restoredDown(downtime.start)
  if (live?.status === 'soft') {
    return { status: 'soft', since: live.upSince, failures: live.failures, streak: live.since }
  }
  return live?.status === 'up' ? { ...UNKNOWN, since: live.upSince } : UNKNOWN
}
