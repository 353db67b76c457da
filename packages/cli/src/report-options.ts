import {
  type CalendarUnit,
  createReports,
  type GroupBy,
  isSla,
  type PeriodQuery,
  type Reader,
  type Reports,
  type ResolvedConfig,
  type SlaConsolidator,
  type SlaSettings,
  sla,
  UptimeError,
} from '@uptimeserver/core'
import { parseTime } from './time.js'

/** Options of the commands that show figures. */
export interface ReportOptions {
  readonly period?: CalendarUnit
  readonly of?: string
  readonly from?: string
  readonly to?: string
  readonly zone?: string
  readonly report?: string
}

export const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month', 'quarter', 'year']

/** The rules of the report that is meant: those of the config's first `sla()`, or of the one that is named. */
export function rulesFrom(config: ResolvedConfig, { report, zone }: ReportOptions): SlaSettings {
  const known = config.consolidators.filter(isSla)
  const chosen = report === undefined ? known[0] : known.find(({ name }) => name === report)
  if (report !== undefined && !chosen) throw unknownReport(report, known)
  const settings = (chosen ?? sla()).settings(config)
  return zone === undefined ? settings : { ...settings, zone }
}

export function reportsFrom(
  reader: Reader,
  config: ResolvedConfig,
  options: ReportOptions,
): { readonly reports: Reports; readonly rules: SlaSettings } {
  const rules = rulesFrom(config, options)
  return { reports: createReports(reader, rules), rules }
}

/** Which period the options mean; without any, the month that goes on. */
export function periodFrom(options: ReportOptions, zone: string, now: number): PeriodQuery {
  const { period, of, from, to } = options
  const isRange = from !== undefined || to !== undefined
  if (isRange && (period ?? of) !== undefined)
    throw wrong('--from and --to', 'beside --period or --of', 'either a calendar period or a range of time')
  if (isRange) return rangeFrom(from, to, zone, now)
  return { unit: period ?? unitOf(of), label: of }
}

function rangeFrom(from: string | undefined, to: string | undefined, zone: string, now: number): PeriodQuery {
  if (from === undefined)
    throw wrong('--to', 'no --from beside it', 'both ends of the range, or --from alone')
  const start = parseTime('--from', from, now, zone)
  const end = to === undefined ? now : parseTime('--to', to, now, zone)
  if (start < end) return { start, end }
  const [first, last] = [start, end].map((time) => new Date(time).toISOString())
  throw wrong('--from', `${first}, which is not before --to (${last})`, 'the earlier time in --from')
}

/** A label says by its form what it is. */
function unitOf(label: string | undefined): CalendarUnit {
  if (label === undefined) return 'month'
  const forms: readonly [RegExp, CalendarUnit][] = [
    [/^\d{4}-\d{2}-\d{2}$/, 'day'],
    [/^\d{4}-W/i, 'week'],
    [/^\d{4}-Q/i, 'quarter'],
    [/^\d{4}-\d+$/, 'month'],
    [/^\d{4}$/, 'year'],
  ]
  const unit = forms.find(([form]) => form.test(label))?.[1]
  if (unit) return unit
  throw wrong('--of', `"${label}"`, 'a label such as 2026-11-22, 2026-W47, 2026-11, 2026-Q4 or 2026')
}

/** What services are taken together by, as it is typed. @throws UptimeError `CONFIG_INVALID` */
export function parseGroupBy(text: string): GroupBy {
  if (text === 'category' || /^label:./.test(text)) return text as GroupBy
  throw wrong('--group-by', `"${text}"`, 'category, or label: and the name of a label such as label:team')
}

function unknownReport(name: string, known: readonly SlaConsolidator[]): UptimeError {
  const names = known.map(({ name }) => name).join(', ')
  return wrong('--report', `"${name}"`, names ? `one of ${names}` : 'none: the config has no sla()')
}

function wrong(option: string, found: string, expected: string): UptimeError {
  return new UptimeError('CONFIG_INVALID', `${option}: found ${found}, expected ${expected}`)
}
