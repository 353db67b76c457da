import type { Policy } from './availability.js'
import { type CalendarUnit, calendarPeriod, periodContaining } from './calendar.js'
import { systemClock } from './clock.js'
import { readFrozen, reportPrefix } from './consolidators/sla-record.js'
import { type PublicStatusReport, StatusRecord } from './consolidators/status-record.js'
import type {
  Clock,
  Correction,
  Downtime,
  Objective,
  Query,
  Range,
  Reader,
  ServiceRecord,
  ServiceSelector,
} from './contracts.js'
import { describe } from './describe.js'
import { UptimeError } from './errors.js'
import { type Explanation, explain } from './explain.js'
import { figureOf, type ReportPeriod, type SlaRow } from './figures.js'
import { Grounds, readRuns } from './grounds.js'
import { Group, type GroupBy, groupIds } from './groups.js'
import { Pace } from './pace.js'
import { rowsOf, serviceRow, wasMonitored, wholePolicy } from './rows.js'
import { selects } from './selector.js'
import { intersect, measure, type Spans, spansOf } from './spans.js'
import { readStatus, type StatusReport } from './status.js'
import { isExcluded, survey } from './survey.js'
import { Tally } from './tally.js'
import { assertZone } from './zones.js'

/** The rules of a report. Those of the `sla()` that froze the figures find them again. */
export interface ReportRules {
  /** The name of the `sla()` whose frozen figures are taken. Default `sla`. */
  readonly name?: string
  /** IANA zone. Default UTC. */
  readonly zone?: string
  readonly policy?: Policy
  readonly objective?: Objective | undefined
  /** Which services the report is of at all. Default: all. */
  readonly filter?: ServiceSelector | undefined
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** A calendar period, by default the one that goes on; or any range of time. */
export type PeriodQuery = { readonly unit: CalendarUnit; readonly label?: string | undefined } | Range

export interface SlaQuery {
  readonly period: PeriodQuery
  /** Default: all services that were monitored in the period. */
  readonly filter?: ServiceSelector | undefined
  /** Also figures of these groups. Default: none. */
  readonly groupBy?: readonly GroupBy[] | undefined
}

export interface DowntimeQuery extends Pick<Query, 'from' | 'to' | 'open' | 'ids'> {
  readonly filter?: ServiceSelector | undefined
  /** Also of services that are monitored no more. Default false. */
  readonly removed?: boolean | undefined
}

/** A downtime, and what of it counts. */
export interface ReportedDowntime extends Downtime {
  readonly name: string
  readonly excluded: boolean
  /** The latest word on it. */
  readonly correction: Correction | null
  /** What of it lies within observed time, in ms. */
  readonly observedMs: number
}

export interface Reports {
  /** How services stand now. */
  status(options?: {
    readonly filter?: ServiceSelector | undefined
    readonly removed?: boolean
  }): Promise<StatusReport>
  /** What `publicStatus()` made last. @param name its name, default `status` */
  publicStatus(name?: string): Promise<PublicStatusReport>
  downtimes(query?: DowntimeQuery): Promise<ReportedDowntime[]>
  /** The period that is meant. @throws UptimeError `PERIOD_INVALID` */
  period(query: PeriodQuery): ReportPeriod
  /**
   * Figures by service, then by group, from frozen ones where there are any, else computed now. In a period that has not
   * begun they are `null`.
   *
   * @throws UptimeError `PERIOD_INVALID`
   */
  sla(query: SlaQuery): Promise<SlaRow[]>
  /** Every interval behind a service's figure, computed now. @throws UptimeError `NOT_FOUND`, `PERIOD_INVALID` */
  explain(service: string, period: PeriodQuery): Promise<Explanation>
}

/**
 * Reads figures from a storage that is open, whether a monitor runs or not.
 *
 * @example
 * const reports = createReports(storage, { zone: 'Europe/Berlin' })
 * const rows = await reports.sla({ period: { unit: 'month', label: '2026-11' }, groupBy: ['category'] })
 */
export function createReports(reader: Reader, rules: ReportRules = {}): Reports {
  return new StoredReports(reader, rules)
}

/** A run whose last sign is younger goes on: figures are as of that sign, in ms. */
const FRESH = 25_000

class StoredReports implements Reports {
  readonly #reader: Reader
  readonly #rules: ReportRules
  readonly #zone: string

  constructor(reader: Reader, rules: ReportRules) {
    this.#reader = reader
    this.#rules = rules
    this.#zone = assertZone(rules.zone ?? 'UTC')
  }

  async status({ filter, removed }: { filter?: ServiceSelector | undefined; removed?: boolean } = {}) {
    const report = await readStatus(this.#reader, this.#now(), { removed })
    const chosen = await this.#services(filter, true)
    const ids = new Set(chosen.map(({ id }) => id))
    return { ...report, services: report.services.filter(({ id }) => ids.has(id)) }
  }

  async publicStatus(name = 'status'): Promise<PublicStatusReport> {
    const record = new StatusRecord(this.#reader, name)
    const state = await record.state()
    const services = [...(await record.rows()).values()]
    return { at: state?.at ?? null, services: services.sort((a, b) => compare(a.name, b.name)) }
  }

  async downtimes({ filter, removed, ...query }: DowntimeQuery = {}): Promise<ReportedDowntime[]> {
    const services = await this.#services(filter, removed ?? false)
    const byId = new Map(services.map((service) => [service.id, service]))
    const found: Downtime[] = []
    for await (const downtime of this.#reader.downtimes({ ...query, services: [...byId.keys()] }))
      found.push(downtime)
    if (!found.length) return []
    const until = this.#now()
    const from = found.reduce((least, { start }) => Math.min(least, start), until)
    const stretch = { from, until, services: [...new Set(found.map(({ service }) => service))] }
    const grounds = await Grounds.load(this.#reader, stretch, await readRuns(this.#reader, stretch))
    return found.map((downtime) => {
      const service = byId.get(downtime.service)!
      const counted = intersect(grounds.of(service).observed, spansOf([downtime], from, until))
      const excluded = isExcluded(downtime)
      const correction = downtime.corrections.at(-1) ?? null
      return {
        ...downtime,
        name: service.name,
        excluded,
        correction,
        observedMs: excluded ? 0 : measure(counted),
      }
    })
  }

  period(query: PeriodQuery): ReportPeriod {
    return periodOf(query, this.#zone, this.#now())
  }

  async sla({ period: query, filter, groupBy = [] }: SlaQuery): Promise<SlaRow[]> {
    const period = this.period(query)
    const services = (await this.#services(filter, true)).filter((service) => wasMonitored(service, period))
    const frozen = await this.#frozen(period)
    const isAsFrozen = (id: string) => filter === undefined && frozen.has(`${id} all-up`)
    const isKnown = (service: ServiceRecord) =>
      frozen.has(service.id) && groupIds(service, groupBy).every(isAsFrozen)
    const rows = services.every(isKnown) ? frozen : await this.#compute(period, services, groupBy)
    const shown = services.flatMap(({ id }) => frozen.get(id) ?? rows.get(id) ?? [])
    const groups = new Set(services.flatMap((service) => groupIds(service, groupBy)))
    const grouped = [...groups]
      .sort()
      .flatMap((id) =>
        [`${id} mean`, `${id} all-up`].flatMap((key) => (rows === frozen ? frozen : rows).get(key) ?? []),
      )
    return [...shown.sort((a, b) => compare(a.name, b.name)), ...grouped]
  }

  async explain(service: string, query: PeriodQuery): Promise<Explanation> {
    const period = this.period(query)
    const [record] = await this.#reader.services({ ids: [service], removed: true })
    if (!record) throw new UptimeError('NOT_FOUND', `there is no service with the id ${describe(service)}`)
    const rows = await this.#compute(period, [record], [])
    const row = rows.get(service) ?? (await this.#blank(period, record))
    const frozen = (await this.#frozen(period, service)).get(service)
    const until = this.#until(period, await readRuns(this.#reader))
    return explain({ reader: this.#reader, record, row, frozen, until })
  }

  #now(): number {
    return (this.#rules.clock ?? systemClock).now()
  }

  async #services(filter: ServiceSelector | undefined, removed: boolean): Promise<readonly ServiceRecord[]> {
    const services = await this.#reader.services({ removed })
    return services.filter((service) => selects(this.#rules.filter, service) && selects(filter, service))
  }

  /** Frozen figures of a period: all, or those whose ids begin so. */
  async #frozen({ unit, label }: ReportPeriod, id = ''): Promise<Map<string, SlaRow>> {
    if (unit === 'range') return new Map()
    const policy = wholePolicy(this.#rules.policy)
    const prefix = reportPrefix(this.#rules.name ?? 'sla', { zone: this.#zone, policy })
    return readFrozen(this.#reader, `${prefix}|${unit}|${label}|`, id)
  }

  /** Where the counting ends: at the period's end, or now, which for a monitor that runs is its last proof of life. */
  #until({ start, end }: Range, runs: Spans): number {
    const now = this.#now()
    const alive = runs.at(-1) ?? 0
    return Math.max(start, Math.min(end, now - alive < FRESH ? Math.min(alive, now) : now))
  }

  async #compute(
    period: ReportPeriod,
    services: readonly ServiceRecord[],
    groupBy: readonly GroupBy[],
  ): Promise<Map<string, SlaRow>> {
    const asOf = await this.#reader.cursor()
    const runs = await readRuns(this.#reader)
    const until = this.#until(period, runs)
    const { counted, subjects, groups } = open(period, services, groupBy)
    const pace = new Pace(new AbortController().signal)
    await survey({ reader: this.#reader, runs, from: period.start, until, subjects, groups, pace })
    return new Map(rowsOf(counted, services, { ...this.#shown(period, asOf), until, groups: groupBy }))
  }

  /** The figure of a service that was not monitored in the period: there is none. */
  async #blank(period: ReportPeriod, service: ServiceRecord): Promise<SlaRow> {
    const shown = this.#shown(period, await this.#reader.cursor())
    return serviceRow(service, figureOf(new Tally(period), period, period.start, shown.policy), shown)
  }

  #shown(period: ReportPeriod, asOf: number) {
    const { policy, objective } = this.#rules
    return { period, policy: wholePolicy(policy), objective, asOf }
  }
}

/** Empty tallies for services and their groups. */
function open(period: Range, services: readonly ServiceRecord[], groupBy: readonly GroupBy[]) {
  const counted = new Map<string, Tally>()
  const talliesOf = (id: string) => {
    const tally = new Tally(period)
    counted.set(id, tally)
    return [tally]
  }
  const groups = new Map<string, Group>()
  const groupOf = (id: string) => {
    const group = groups.get(id) ?? new Group(talliesOf(id))
    groups.set(id, group)
    return group
  }
  const subjects = services.map((record) => ({
    record,
    tallies: talliesOf(record.id),
    groups: groupIds(record, groupBy).map(groupOf),
  }))
  return { counted, subjects, groups: [...groups.values()] }
}

/**
 * The period that a query means, in a zone.
 *
 * @param now ms since the epoch; the period that goes on is the one where the label is left out
 * @throws UptimeError `PERIOD_INVALID`
 */
export function periodOf(query: PeriodQuery, zone: string, now: number): ReportPeriod {
  if ('unit' in query) {
    const { unit, label } = query
    const found = label ? calendarPeriod(unit, label, zone) : periodContaining(unit, now, zone)
    return { unit, label: found.label, start: found.start, end: found.end, zone }
  }
  const { start, end } = query
  if (!(start < end)) throw notInOrder(start, end)
  return { unit: 'range', label: `${iso(start)}/${iso(end)}`, start, end, zone: assertZone(zone) }
}

function notInOrder(start: number, end: number): UptimeError {
  const found = `a range from ${iso(start)} to ${iso(end)}`
  return new UptimeError('PERIOD_INVALID', `found ${found}, expected one whose end is later than its start`)
}

const iso = (ms: number) => new Date(ms).toISOString()
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
