import type { SlaRow } from '@uptimeserver/core'
import { iso } from '../output.js'

/** What machines are told of a figure; the shape is stable. */
export type FigureJson = ReturnType<typeof figureJson>

export function figureJson(row: SlaRow) {
  const { period, group } = row
  return {
    ...(group ? {} : { service: row.service, kind: row.kind }),
    name: row.name,
    category: row.category ?? null,
    labels: row.labels ?? {},
    ...(group && { group }),
    period: { ...period, start: iso(period.start), end: iso(period.end) },
    uptime: row.uptime,
    coverage: row.coverage,
    observedMs: row.observedMs,
    unobservedMs: row.unobservedMs,
    maintenanceMs: row.maintenanceMs,
    downMs: row.downMs,
    downtimes: row.downtimes,
    longestMs: row.longestMs,
    mttrMs: row.mttrMs,
    mtbfMs: row.mtbfMs,
    objective: row.objective,
    budgetMs: row.budgetMs,
    budgetLeftMs: row.budgetLeftMs,
    budgetUsedUpAt: iso(row.budgetUsedUpAt),
    policy: row.policy,
    version: row.version,
    asOf: row.asOf,
    ...(row.because && { because: row.because }),
  }
}
