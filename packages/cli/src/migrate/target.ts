import type { ServiceRecord, Storage } from '@uptimeserver/core'
import { PREFIX } from './downtimes.js'

/** What the record that facts are carried into knows already. */
export interface Target {
  readonly services: ReadonlyMap<string, ServiceRecord>
  /** The downtimes that were carried before, by id. */
  readonly carried: ReadonlyMap<string, CarriedBefore>
  /** When a monitor of this record's own ran first, in ms. */
  readonly ownSince: number | undefined
}

interface CarriedBefore {
  readonly isOpen: boolean
  /** The ids of what was said about it later. */
  readonly corrections: readonly string[]
}

export async function readTarget(storage: Storage): Promise<Target> {
  const services = await storage.services({ removed: true })
  const carried = new Map<string, CarriedBefore>()
  for await (const { id, end, corrections } of storage.downtimes())
    if (id.startsWith(PREFIX))
      carried.set(id, { isOpen: end === null, corrections: corrections.map((each) => each.id) })
  let ownSince: number | undefined
  for await (const { id, start } of storage.runs())
    if (!id.startsWith(PREFIX)) ownSince = Math.min(ownSince ?? start, start)
  return { services: new Map(services.map((service) => [service.id, service])), carried, ownSince }
}
