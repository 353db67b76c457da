import { figureJson } from '../figures/json.js'
import { iso } from '../output.js'
import { downtimeJson, maintenanceJson } from '../records-json.js'
import type { ReportData } from './data.js'

/** The report for machines; the shape is stable. */
export function reportJson(data: ReportData) {
  const { title, monitor, period, rules, generatedAt, countedTo, by } = data
  return {
    ...{ title, monitor, report: rules.name },
    period: { ...period, start: iso(period.start), end: iso(period.end) },
    policy: rules.policy,
    generatedAt: iso(generatedAt),
    countedTo: iso(countedTo),
    figures: [...data.services, ...data.groups].map(figureJson),
    series: data.series.map(({ service, name, points }) => ({
      ...{ service, name, by },
      points: points.map(({ start, end, ...point }) => ({ ...point, start: iso(start), end: iso(end) })),
    })),
    downtimes: data.downtimes.map((downtime) => downtimeJson(downtime, generatedAt)),
    maintenance: data.maintenance.map(maintenanceJson),
  }
}
