import type { Reader, ServiceRecord } from '../contracts.js'
import { isExcluded } from '../figures/survey.js'
import { maintenanceAt } from '../status.js'
import type { PublicServiceStatus } from './status-record.js'

/** A monitor without a sign of life for so long is none, in ms. */
const SILENT = 25_000
/** So many services are asked for by name; of more, all are read. */
const BY_NAME = 500

type Condition = Pick<PublicServiceStatus, 'status' | 'since'>

/** What is so at a moment. */
export interface Present {
  /** Whether no monitor runs. */
  readonly silent: boolean
  /** What a service is but up. */
  of(service: string): Condition | undefined
}

/** Reads what is open at a moment. */
export async function readPresent(reader: Reader, now: number, downSinceMs: number): Promise<Present> {
  const maintenance = await maintenanceAt(reader, now)
  const silentSince = await silenceAt(reader, now)
  const gaps = new Map<string, number>()
  for await (const { service, start } of reader.gaps({ open: true })) gaps.set(service, start)
  const down = new Map<string, number>()
  for await (const downtime of reader.downtimes({ open: true })) {
    const isShown = !isExcluded(downtime) && now - downtime.start >= downSinceMs
    if (isShown) down.set(downtime.service, downtime.start)
  }
  return {
    silent: silentSince !== undefined,
    of: (service) =>
      condition('maintenance', maintenance(service)?.start) ??
      condition('unknown', silentSince ?? gaps.get(service)) ??
      condition('down', down.get(service)),
  }
}

function condition(status: Condition['status'], since: number | undefined): Condition | undefined {
  return since === undefined ? undefined : { status, since }
}

/** Since when no monitor runs; `undefined` while one does. */
async function silenceAt(reader: Reader, now: number): Promise<number | undefined> {
  let alive = 0
  for await (const { end } of reader.runs()) alive = Math.max(alive, end)
  return now - alive > SILENT ? alive : undefined
}

/** Since when services are up that are up: since the last downtime that was shown, or since they are monitored. */
export async function readUpSince(
  reader: Reader,
  services: readonly ServiceRecord[],
  downSinceMs: number,
): Promise<Map<string, number>> {
  const since = new Map(services.map(({ id, monitored }) => [id, monitored.at(-1)?.start ?? 0]))
  if (!since.size) return since
  const asked = since.size > BY_NAME ? undefined : [...since.keys()]
  for await (const downtime of reader.downtimes({ services: asked, open: false })) {
    const { service, start, end } = downtime
    const before = since.get(service)
    if (before === undefined || end === null || end - start < downSinceMs || isExcluded(downtime)) continue
    since.set(service, Math.max(before, end))
  }
  return since
}
