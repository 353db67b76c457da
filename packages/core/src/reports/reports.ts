import { assertZone } from '../calendar/zones.js'
import { systemClock } from '../clock.js'
import { type PublicStatusReport, StatusRecord } from '../consolidators/status-record.js'
import type { Clock, Objective, Reader, ServiceRecord, ServiceSelector } from '../contracts.js'
import type { Policy } from '../figures/availability.js'
import type { Explanation } from '../figures/explain.js'
import type { ReportPeriod, SlaRow } from '../figures/figures.js'
import { type GroupBy, groupIds } from '../figures/groups.js'
import { wasMonitored, wholePolicy } from '../figures/rows.js'
import { selects } from '../schema/selector.js'
import { readStatus, type StatusReport } from '../status.js'
import { type DowntimeQuery, type ReportedDowntime, readDowntimes } from './report-downtimes.js'
import { ReportFigures, type Series } from './report-figures.js'
import { type PartUnit, type PeriodQuery, periodOf } from './report-period.js'

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

export interface SlaQuery {
  readonly period: PeriodQuery
  /** Default: all services that were monitored in the period. */
  readonly filter?: ServiceSelector | undefined
  /** Also figures of these groups. Default: none. */
  readonly groupBy?: readonly GroupBy[] | undefined
}

export interface SeriesQuery {
  readonly period: PeriodQuery
  /** What the period is cut into. */
  readonly by: PartUnit
  readonly filter?: ServiceSelector | undefined
}

export interface StatusQuery {
  readonly filter?: ServiceSelector | undefined
  /** Also services that are monitored no more. Default false. */
  readonly removed?: boolean | undefined
}

/** What an embedding application asks. Throws what a filter that is a function throws. */
export interface Reports {
  /** How services stand now. */
  status(query?: StatusQuery): Promise<StatusReport>
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
  /**
   * Figures of each part of a period, computed now, by name; parts that have not begun are left out.
   *
   * @throws UptimeError `PERIOD_INVALID`
   */
  series(query: SeriesQuery): Promise<Series[]>
  /** Every interval behind a service's figure, computed now. @throws UptimeError `NOT_FOUND`, `PERIOD_INVALID` */
  explain(service: string, period: PeriodQuery): Promise<Explanation>
}

/**
 * Reads figures from a storage that is open, whether a monitor runs or not.
 *
 * @throws UptimeError `PERIOD_INVALID` when there is no such zone
 * @example
 * const reports = createReports(storage, { zone: 'Europe/Berlin' })
 * const rows = await reports.sla({ period: { unit: 'month', label: '2026-11' }, groupBy: ['category'] })
 */
export function createReports(reader: Reader, rules: ReportRules = {}): Reports {
  return new StoredReports(reader, rules)
}

class StoredReports implements Reports {
  readonly #reader: Reader
  readonly #filter: ServiceSelector | undefined
  readonly #zone: string
  readonly #clock: Clock
  readonly #figures: ReportFigures

  constructor(reader: Reader, rules: ReportRules) {
    const { name = 'sla', zone = 'UTC', policy, objective, filter, clock = systemClock } = rules
    this.#reader = reader
    this.#filter = filter
    this.#zone = assertZone(zone)
    this.#clock = clock
    const now = () => clock.now()
    this.#figures = new ReportFigures(reader, { name, zone, policy: wholePolicy(policy), objective, now })
  }

  async status({ filter, removed }: StatusQuery = {}): Promise<StatusReport> {
    const report = await readStatus(this.#reader, this.#clock.now(), { removed })
    const ids = new Set((await this.#services(filter, true)).map(({ id }) => id))
    return { ...report, services: report.services.filter(({ id }) => ids.has(id)) }
  }

  async publicStatus(name = 'status'): Promise<PublicStatusReport> {
    const record = new StatusRecord(this.#reader, name)
    const state = await record.state()
    return { at: state?.at ?? null, services: byName([...(await record.rows()).values()]) }
  }

  async downtimes(query: DowntimeQuery = {}): Promise<ReportedDowntime[]> {
    const services = await this.#services(query.filter, query.removed ?? false)
    return readDowntimes(this.#reader, services, query, this.#clock.now())
  }

  period(query: PeriodQuery): ReportPeriod {
    return periodOf(query, this.#zone, this.#clock.now())
  }

  async sla({ period: query, filter, groupBy = [] }: SlaQuery): Promise<SlaRow[]> {
    const period = this.period(query)
    const all = await this.#reader.services({ removed: true })
    const services = monitoredIn(period, this.#chosen(all, filter))
    const frozen = await this.#figures.frozen(period)
    const groupsOf = (service: ServiceRecord) => groupIds(service, groupBy)
    // A group's frozen figure is of all its services that the consolidator reports on.
    const isOfTheSame =
      groupBy.length > 0 && filter === undefined && (await this.#isOfTheSame(monitoredIn(period, all)))
    const isAsFrozen = (id: string) => isOfTheSame && frozen.has(`${id} all-up`)
    const isKnown = (service: ServiceRecord) => frozen.has(service.id) && groupsOf(service).every(isAsFrozen)
    const rows = services.every(isKnown) ? frozen : await this.#figures.compute(period, services, groupBy)
    const groups = [...new Set(services.flatMap(groupsOf))].sort()
    return [
      ...byName(services.flatMap(({ id }) => frozen.get(id) ?? rows.get(id) ?? [])),
      ...groups.flatMap((id) => [`${id} mean`, `${id} all-up`]).flatMap((id) => rows.get(id) ?? []),
    ]
  }

  async series({ period: query, by, filter }: SeriesQuery): Promise<Series[]> {
    const period = this.period(query)
    const services = monitoredIn(period, await this.#services(filter, true))
    return byName(await this.#figures.series(period, services, by))
  }

  async explain(service: string, query: PeriodQuery): Promise<Explanation> {
    return this.#figures.explain(service, this.period(query))
  }

  /** Whether this report is of those of these services that the frozen figures are of. */
  async #isOfTheSame(services: readonly ServiceRecord[]): Promise<boolean> {
    const reported = await this.#figures.reported()
    return services.every((service) => reported.has(service.id) === selects(this.#filter, service))
  }

  async #services(filter: ServiceSelector | undefined, removed: boolean): Promise<readonly ServiceRecord[]> {
    return this.#chosen(await this.#reader.services({ removed }), filter)
  }

  #chosen(services: readonly ServiceRecord[], filter: ServiceSelector | undefined): ServiceRecord[] {
    return services.filter((service) => selects(this.#filter, service) && selects(filter, service))
  }
}

function monitoredIn(period: ReportPeriod, services: readonly ServiceRecord[]): ServiceRecord[] {
  return services.filter((service) => wasMonitored(service, period))
}

function byName<T extends { readonly name: string }>(items: T[]): T[] {
  return items.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
