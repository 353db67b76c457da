import type {
  GroupBy,
  Interval,
  Maintenance,
  PartUnit,
  PeriodQuery,
  Reader,
  ReportedDowntime,
  ReportPeriod,
  Reports,
  Series,
  ServiceRecord,
  ServiceSelector,
  SlaRow,
  SlaSettings,
} from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'

/** Everything that a report says, whatever it is written as. */
export interface ReportData {
  readonly title: string
  readonly monitor: string
  readonly period: ReportPeriod
  readonly rules: SlaSettings
  readonly generatedAt: number
  /** Where the counting ended: at the period's end, or when the report was made. */
  readonly countedTo: number
  readonly services: readonly SlaRow[]
  readonly groups: readonly SlaRow[]
  /** What the bars are made of. */
  readonly by: PartUnit
  readonly series: readonly Series[]
  readonly downtimes: readonly ReportedDowntime[]
  readonly maintenance: readonly Maintenance[]
  /** Names of services by their ids. */
  readonly names: ReadonlyMap<string, string>
  /** When each was under watch. */
  readonly monitored: ReadonlyMap<string, readonly Interval[]>
}

export interface Wanted {
  readonly title: string
  readonly monitor: string
  readonly period: PeriodQuery
  readonly filter: ServiceSelector | undefined
  readonly groupBy: readonly GroupBy[]
}

const DAY = 86_400_000

export async function collect(
  reader: Reader,
  reports: Reports,
  rules: SlaSettings,
  { title, monitor, period: query, filter, groupBy }: Wanted,
): Promise<ReportData> {
  const generatedAt = Date.now()
  const period = reports.period(query)
  const rows = await reports.sla({ period: query, filter, groupBy })
  const by = partsFor(period)
  const within = { from: period.start, to: Math.min(period.end, generatedAt) }
  const services = rows.filter(({ group }) => !group)
  // Nothing can be told of what has not begun, also of what goes on now.
  const ids = period.start < generatedAt ? services.flatMap(({ service }) => service ?? []) : []
  const records = await reader.services({ removed: true })
  return {
    ...{ title, monitor, period, rules, generatedAt, by, services },
    countedTo: Math.max(period.start, Math.min(period.end, generatedAt)),
    groups: rows.filter(({ group }) => group),
    series: await reports.series({ period: query, by, filter: chosen(ids) }),
    downtimes: await reports.downtimes({ ...within, within: period, filter: chosen(ids), removed: true }),
    maintenance: ids.length ? await all(reader.maintenance({ ...within, services: ids })) : [],
    names: namesOf(records),
    monitored: new Map(records.map(({ id, monitored }) => [id, monitored])),
  }
}

/** As many bars as a page has room for. */
function partsFor({ start, end }: ReportPeriod): PartUnit {
  if (end - start <= 2 * DAY) return 'hour'
  return end - start <= 400 * DAY ? 'day' : 'month'
}

/** An empty list of ids would not do as a filter. */
function chosen(ids: readonly string[]): ServiceSelector {
  const wanted = new Set(ids)
  return ({ id }) => wanted.has(id)
}

function namesOf(services: readonly ServiceRecord[]): Map<string, string> {
  return new Map(services.map(({ id, name }) => [id, name]))
}
