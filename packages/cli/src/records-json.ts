import type { Maintenance, ReportedDowntime } from '@uptimeserver/core'
import { iso } from './output.js'

/** What machines are told of a downtime; the shape is stable. */
export function downtimeJson(downtime: ReportedDowntime, now: number) {
  const { id, service, name, start, end, reason, excluded, observedMs, correction } = downtime
  return {
    ...{ id, service, name, start: iso(start), end: iso(end), durationMs: (end ?? now) - start },
    ...{ observedMs, reason, excluded },
    correction: correction && {
      ...{ exclude: correction.exclude, reason: correction.reason },
      ...{ author: correction.author, at: iso(correction.at) },
    },
  }
}

/** What machines are told of agreed time; the shape is stable. */
export function maintenanceJson({ window, start, end, services, reason, author }: Maintenance) {
  return {
    ...{ id: window, start: iso(start), end: iso(end), reason },
    services: services ?? null,
    author: author ?? null,
  }
}
