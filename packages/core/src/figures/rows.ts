import type { Cursor, Objective, Range, ServiceRecord } from '../contracts.js'
import type { Policy } from './availability.js'
import { budgetOf, objectiveFor } from './budget.js'
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

/**
 * Makes rows of what was counted, by their ids: one for each service that was monitored in the period, then two for each
 * group of them. A service that cannot be told holds nobody up.
 */
export function* rowsOf(
  counted: ReadonlyMap<string, Tally>,
  services: readonly ServiceRecord[],
  of: RowsOf,
  onError: (service: ServiceRecord, error: unknown) => void = () => undefined,
): Generator<[id: string, row: SlaRow]> {
  const members = new Map<string, Figure[]>()
  for (const service of services) {
    const made = attempt(service, counted.get(service.id), of, onError)
    if (!made) continue
    for (const group of groupIds(service, of.groups)) {
      const figures = members.get(group) ?? []
      figures.push(made.figure)
      members.set(group, figures)
    }
    yield [service.id, made.row]
  }
  for (const [group, figures] of members) {
    yield [`${group} mean`, groupRow(group, 'mean', figures.length, meanOf(figures), of)]
    const tally = counted.get(group)
    if (!tally) continue
    const figure = figureOf(tally, of.period, of.until, of.policy)
    yield [`${group} all-up`, groupRow(group, 'all-up', figures.length, figure, of)]
  }
}

function attempt(
  service: ServiceRecord,
  tally: Tally | undefined,
  of: RowsOf,
  onError: (service: ServiceRecord, error: unknown) => void,
) {
  try {
    if (!tally || !wasMonitored(service, of.period)) return undefined
    const figure = figureOf(tally, of.period, of.until, of.policy)
    return { figure, row: serviceRow(service, figure, of) }
  } catch (error) {
    return void onError(service, error)
  }
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
  const services = subject.group?.figure === 'mean' ? subject.group.services : 1
  const budget = budgetOf(figure, period, objective, services)
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
