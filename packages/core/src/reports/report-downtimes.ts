import type {
  Correction,
  Downtime,
  Query,
  Range,
  Reader,
  ServiceRecord,
  ServiceSelector,
} from '../contracts.js'
import { observedOf } from '../figures/availability.js'
import { Grounds, readRuns } from '../figures/grounds.js'
import { intersect, measure, spansOf } from '../figures/spans.js'
import { isExcluded } from '../figures/survey.js'

export interface DowntimeQuery extends Pick<Query, 'from' | 'to' | 'open' | 'ids'> {
  readonly filter?: ServiceSelector | undefined
  /** Also of services that are monitored no more. Default false. */
  readonly removed?: boolean | undefined
  /** What counts of them is asked for within this. Default: within all time. */
  readonly within?: Range | undefined
}

/** A downtime, and what of it counts. */
export interface ReportedDowntime extends Downtime {
  readonly name: string
  readonly excluded: boolean
  /** The latest word on it. */
  readonly correction: Correction | null
  /** What of it lies within observed time, in ms; of one that is excluded, nothing. */
  readonly observedMs: number
}

/** Downtimes of services, each with what of it counts. */
export async function readDowntimes(
  reader: Reader,
  services: readonly ServiceRecord[],
  { filter: _, removed: __, within, ...query }: DowntimeQuery,
  now: number,
): Promise<ReportedDowntime[]> {
  const byId = new Map(services.map((service) => [service.id, service]))
  const found: Downtime[] = []
  for await (const downtime of reader.downtimes({ ...query, services: [...byId.keys()] }))
    found.push(downtime)
  if (!found.length) return []
  const until = Math.min(now, within?.end ?? now)
  const first = found.reduce((least, { start }) => Math.min(least, start), until)
  const from = Math.max(first, within?.start ?? first)
  const stretch = { from, until, services: [...new Set(found.map(({ service }) => service))] }
  const grounds = await Grounds.load(reader, stretch, await readRuns(reader, stretch))
  const observed = new Map(stretch.services.map((id) => [id, observedOf(grounds.of(byId.get(id)!))]))
  return found.map((downtime) => {
    const service = byId.get(downtime.service)!
    const excluded = isExcluded(downtime)
    const counted = intersect(observed.get(service.id)!, spansOf([downtime], from, until))
    const correction = downtime.corrections.at(-1) ?? null
    return {
      ...downtime,
      name: service.name,
      excluded,
      correction,
      observedMs: excluded ? 0 : measure(counted),
    }
  })
}
