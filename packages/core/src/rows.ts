import type { Policy } from './availability.js'
import { budgetOf, objectiveFor } from './budget.js'
import type { Cursor, Objective, Range, ServiceRecord } from './contracts.js'
import { type Figure, figureOf, meanOf, type ReportPeriod, type SlaRow } from './figures.js'
import { type GroupBy, groupIds } from './groups.js'
import type { Tally } from './tally.js'

/** The policy where nobody says otherwise. */
export function wholePolicy({
  unobserved = 'exclude',
  maintenance = 'exclude',
}: Policy = {}): Required<Policy> {
  return { unobserved, maintenance }
}

interface RowOf {
  readonly period: ReportPeriod
  readonly policy: Required<Policy>
  readonly objective: Objective | undefined
  readonly asOf: Cursor
}

export interface RowsOf extends RowOf {
  /** Where the counting ended. */
  readonly until: number
  readonly groups: readonly GroupBy[]
}

/** Makes rows of what was counted: one for each service that was monitored in the period, two for each group of them. */
export function rowsOf(
  counted: ReadonlyMap<string, Tally>,
  services: readonly ServiceRecord[],
  of: RowsOf,
): Map<string, SlaRow> {
  const rows = new Map<string, SlaRow>()
  const members = new Map<string, Figure[]>()
  for (const service of services) {
    const tally = counted.get(service.id)
    if (!tally || !wasMonitored(service, of.period)) continue
    const figure = figureOf(tally, of.period, of.until, of.policy)
    rows.set(service.id, serviceRow(service, figure, of))
    for (const group of groupIds(service, of.groups))
      members.set(group, [...(members.get(group) ?? []), figure])
  }
  for (const [group, figures] of members) {
    rows.set(`${group} mean`, groupRow(group, 'mean', figures.length, meanOf(figures), of))
    const tally = counted.get(group)
    if (!tally) continue
    const figure = figureOf(tally, of.period, of.until, of.policy)
    rows.set(`${group} all-up`, groupRow(group, 'all-up', figures.length, figure, of))
  }
  return rows
}

/** Whether a service was under watch at some time of a period. */
export function wasMonitored({ monitored }: ServiceRecord, { start, end }: Range): boolean {
  return monitored.some((interval) => interval.start < end && (interval.end ?? Infinity) > start)
}

export function serviceRow(service: ServiceRecord, figure: Figure, of: RowOf): SlaRow {
  const { id, kind, name, category, labels } = service
  return rowOf({ service: id, kind, name, category, labels }, figure, objectiveFor(service, of.objective), of)
}

function groupRow(id: string, figure: 'mean' | 'all-up', services: number, sums: Figure, of: RowOf): SlaRow {
  const at = id.indexOf('=')
  const [by, value] = [id.slice(0, at) as GroupBy, id.slice(at + 1)]
  const category = by === 'category' ? value : undefined
  const group = { by, value, figure, services }
  return rowOf({ name: value, category, group }, sums, objectiveFor({ category }, of.objective), of)
}

type Subject = Pick<SlaRow, 'service' | 'kind' | 'name' | 'category' | 'labels' | 'group'>

/** Written out, because there are ten thousands of them: one that is put together of parts takes ten times as long. */
function rowOf(subject: Subject, figure: Figure, objective: number | null, of: RowOf): SlaRow {
  const { period } = of
  const budget = budgetOf(figure, period, objective)
  return {
    service: subject.service,
    kind: subject.kind,
    name: subject.name,
    category: subject.category,
    labels: subject.labels,
    group: subject.group,
    period,
    policy: of.policy,
    uptime: figure.uptime,
    coverage: figure.coverage,
    elapsedMs: figure.elapsedMs,
    observedMs: figure.observedMs,
    unobservedMs: figure.unobservedMs,
    maintenanceMs: figure.maintenanceMs,
    countedMs: figure.countedMs,
    downMs: figure.downMs,
    downtimes: figure.downtimes,
    longestMs: figure.longestMs,
    mttrMs: figure.mttrMs,
    mtbfMs: figure.mtbfMs,
    objective,
    budgetMs: budget.budgetMs,
    budgetLeftMs: budget.budgetLeftMs,
    budgetLeft: budget.budgetLeft,
    budgetUsedUpAt: budget.budgetUsedUpAt,
    version: 0,
    asOf: of.asOf,
  }
}
