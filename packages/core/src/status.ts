import type { Downtime, Maintenance, Reader, ServiceRecord } from './contracts.js'
import type { ProviderStatus, ServiceStatus } from './events.js'
import { type Holder, holderOf } from './leadership/instance.js'
import { type LiveView, type MonitorLive, readLive, type SeenLive, type ServiceLive } from './monitor/live.js'

/** How a service stands, as far as a storage tells. */
export interface RecordedStatus extends Omit<ServiceStatus, 'status'> {
  /** `removed`: monitored no more. Without a running monitor `down` (a downtime is open) or `unknown`. */
  readonly status: ServiceStatus['status'] | 'removed'
  /** The agreed time that goes on; what the status is does not count meanwhile. */
  readonly maintenance: Maintenance | null
}

export interface StatusReport {
  readonly services: readonly RecordedStatus[]
  /** The instance that leads. Absent when no monitor runs. */
  readonly monitor: MonitorLive | undefined
  /** Instances that would take over. */
  readonly standbys: readonly Holder[]
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
  const maintenance = await maintenanceAt(reader, now)
  const view = readLive(await reader.live(), now)
  const services = records.map((record) => ({
    ...statusFrom(record, open.get(record.id), view),
    maintenance: maintenance(record.id) ?? null,
  }))
  const { monitor, standbys } = view
  return { services, monitor, standbys: standbys.map(holderOf), providers: monitor ? view.providers : [] }
}

/** The window that each service is in, the one that began first. */
export async function maintenanceAt(
  reader: Reader,
  now: number,
): Promise<(service: string) => Maintenance | undefined> {
  const windows: Maintenance[] = []
  for await (const window of reader.maintenance({ from: now, to: now + 1 })) {
    if (window.end === null || window.end > now) windows.push(window)
  }
  const own = new Map<string, Maintenance>()
  for (const window of windows) for (const id of window.services ?? []) if (!own.has(id)) own.set(id, window)
  const shared = windows.find(({ services }) => !services)
  return (service) => {
    const found = own.get(service)
    return found && shared ? (found.start < shared.start ? found : shared) : (found ?? shared)
  }
}

function statusFrom(
  record: ServiceRecord,
  downtime: Downtime | undefined,
  view: LiveView,
): Omit<RecordedStatus, 'maintenance'> {
  const { monitored, ...facts } = record
  const live = liveIn(view, record.id)
  const last = monitored.at(-1)
  if (last && last.end !== null) return { ...facts, ...NOTHING, status: 'removed', since: last.end }
  if (live && !isOutdated(live, downtime)) return { ...facts, ...shown(live) }
  const { start = null, reason = null } = downtime ?? {}
  return { ...facts, ...NOTHING, status: downtime ? 'down' : 'unknown', since: start, message: reason }
}

const NOTHING = { lastCheck: null, latencyMs: null, failures: 0, attempts: 0, message: null, nextCheck: null }

/** What the monitor that runs now has seen of a service; what an earlier one saw is no longer so. */
function liveIn({ monitor, services }: LiveView, id: string): SeenLive | undefined {
  const live = services.get(id)
  return live && monitor && live.at >= monitor.startedAt ? live : undefined
}

/** What was published before a downtime became known: facts are stored at once, live state once a second. */
function isOutdated({ status, since }: SeenLive, downtime: Downtime | undefined): boolean {
  return downtime !== undefined && status !== 'down' && (since === null || since <= downtime.start)
}

function shown({ upSince: _, at: __, ...live }: SeenLive): Omit<ServiceLive, 'upSince'> {
  return live
}
