import type { Policy } from './availability.js'
import { budgetOf, objectiveFor } from './budget.js'
import type { Cursor, Objective, ServiceRecord } from './contracts.js'
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

export interface RowsOf {
  readonly period: ReportPeriod
  /** Where the counting ended. */
  readonly until: number
  readonly policy: Required<Policy>
  readonly objective: Objective | undefined
  readonly groups: readonly GroupBy[]
  readonly asOf: Cursor
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
    if (!tally || tally.activeMs + tally.maintenanceMs === 0) continue
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

function serviceRow(service: ServiceRecord, figure: Figure, of: RowsOf): SlaRow {
  const { id, kind, name, category, labels } = service
  const subject = {
    service: id,
    kind,
    name,
    ...(category !== undefined && { category }),
    ...(labels !== undefined && { labels }),
  }
  return { ...subject, ...rest(figure, objectiveFor(service, of.objective), of) }
}

function groupRow(id: string, figure: 'mean' | 'all-up', services: number, sums: Figure, of: RowsOf): SlaRow {
  const at = id.indexOf('=')
  const [by, value] = [id.slice(0, at) as GroupBy, id.slice(at + 1)]
  const category = by === 'category' ? value : undefined
  const objective = objectiveFor({ category }, of.objective)
  const group = { by, value, figure, services }
  return { name: value, ...(category !== undefined && { category }), group, ...rest(sums, objective, of) }
}

function rest(figure: Figure, objective: number | null, { period, policy, asOf }: RowsOf) {
  return { period, policy, ...figure, objective, ...budgetOf(figure, period, objective), version: 0, asOf }
}
