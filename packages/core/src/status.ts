import type { Downtime, Reader, ServiceRecord } from './contracts.js'
import type { ProviderStatus, ServiceStatus } from './events.js'
import { type LiveView, type MonitorLive, readLive, type SeenLive, type ServiceLive } from './live.js'

/** How a service stands, as far as a storage tells. */
export interface RecordedStatus extends Omit<ServiceStatus, 'status'> {
  /** `removed`: monitored no more. Without a running monitor `down` (a downtime is open) or `unknown`. */
  readonly status: ServiceStatus['status'] | 'removed'
}

export interface StatusReport {
  readonly services: readonly RecordedStatus[]
  /** Absent when no monitor runs. */
  readonly monitor: MonitorLive | undefined
  readonly providers: readonly ProviderStatus[]
}

export interface StatusOptions {
  /** Also services that are monitored no more. Default false. */
  readonly removed?: boolean | undefined
}

/** How everything stands, from a storage alone: with the live state while a monitor runs, from the record otherwise. */
export async function readStatus(
  reader: Reader,
  now: number,
  options: StatusOptions = {},
): Promise<StatusReport> {
  const records = await reader.services({ removed: options.removed ?? false })
  const open = new Map<string, Downtime>()
  for await (const downtime of reader.downtimes({ open: true })) open.set(downtime.service, downtime)
  const view = readLive(await reader.live(), now)
  const services = records.map((record) => statusFrom(record, open.get(record.id), view))
  return { services, monitor: view.monitor, providers: view.monitor ? view.providers : [] }
}

function statusFrom(record: ServiceRecord, downtime: Downtime | undefined, view: LiveView): RecordedStatus {
  const { monitored, ...facts } = record
  const live = liveIn(view, record.id)
  const last = monitored.at(-1)
  if (last && last.end !== null) return { ...facts, ...NOTHING, status: 'removed', since: last.end }
  if (live) return { ...facts, ...shown(live) }
  const { start = null, reason = null } = downtime ?? {}
  return { ...facts, ...NOTHING, status: downtime ? 'down' : 'unknown', since: start, message: reason }
}

const NOTHING = { lastCheck: null, latencyMs: null, failures: 0, attempts: 0, message: null, nextCheck: null }

/** What the monitor that runs now has seen of a service; what an earlier one saw is no longer so. */
function liveIn({ monitor, services }: LiveView, id: string): SeenLive | undefined {
  const live = services.get(id)
  return live && monitor && live.at >= monitor.startedAt ? live : undefined
}

function shown({ upSince: _, at: __, ...live }: SeenLive): Omit<ServiceLive, 'upSince'> {
  return live
}
