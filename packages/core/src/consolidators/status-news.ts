import type { Event, Reader } from '../contracts.js'
import type { Some, StatusState } from './status-record.js'

/** The services whose status may have changed since a state: by a fact, or because time has passed. */
export async function newsSince(
  reader: Reader,
  { cursor, at }: StatusState,
  now: number,
  downSinceMs: number,
): Promise<Some> {
  const news = new Set<string>()
  const corrected: string[] = []
  for await (const { events } of reader.changes(cursor)) {
    for (const event of events) {
      if (event.type === 'correction') corrected.push(event.downtime)
      const services = servicesOf(event)
      if (!services) return undefined
      for (const id of services) news.add(id)
    }
  }
  if (corrected.length)
    for await (const { service } of reader.downtimes({ ids: corrected })) news.add(service)
  for await (const { service, start } of reader.downtimes({ open: true }))
    if (isBetween(start + downSinceMs, at, now)) news.add(service)
  for await (const { services, start, end } of reader.maintenance({ from: at, to: now + 1 })) {
    if (!isBetween(start, at, now) && !isBetween(end, at, now)) continue
    if (!services) return undefined
    for (const id of services) news.add(id)
  }
  return news
}

/** `undefined`: every service. */
function servicesOf(event: Event): readonly string[] | undefined {
  switch (event.type) {
    case 'service-added':
    case 'service-changed':
      return [event.service.id]
    case 'maintenance':
      return event.services
    case 'alive':
    case 'correction':
    case 'led':
      return []
    default:
      return [event.service]
  }
}

function isBetween(moment: number | null, after: number, until: number): boolean {
  return moment !== null && moment > after && moment <= until
}
