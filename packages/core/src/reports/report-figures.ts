import { readFrozen, readState, reportPrefix } from '../consolidators/sla-record.js'
import type { Cursor, Objective, Range, Reader, ServiceRecord } from '../contracts.js'
import { describe } from '../describe.js'
import { UptimeError } from '../errors.js'
import type { Policy } from '../figures/availability.js'
import { type Explanation, explain } from '../figures/explain.js'
import { type Figure, figureOf, type ReportPeriod, type SlaRow } from '../figures/figures.js'
import { readRuns, settledUntil } from '../figures/grounds.js'
import { Group, type GroupBy, groupIds } from '../figures/groups.js'
import { Pace } from '../figures/pace.js'
import { rowsOf, serviceRow, wasMonitored } from '../figures/rows.js'
import type { Spans } from '../figures/spans.js'
import { survey } from '../figures/survey.js'
import { Tally } from '../figures/tally.js'
import { type PartUnit, type PeriodPart, partsOf } from './report-period.js'

/** A service's figures of one part of a period after the other. */
export interface Series {
  readonly service: string
  readonly name: string
  readonly points: readonly SeriesPoint[]
}

export interface SeriesPoint extends Figure, PeriodPart {}

/** The rules of a report, with nothing left open. */
export interface FigureRules {
  readonly name: string
  readonly zone: string
  readonly policy: Required<Policy>
  readonly objective: Objective | undefined
  readonly now: () => number
}

/** What stays the same while one question is answered. */
interface Moment {
  /** Facts of before were forgotten. */
  readonly since: number
  readonly asOf: Cursor
  readonly runs: Spans
  readonly until: number
}

const PARTS_AT_A_TIME = 50

/** Figures of one report: frozen ones, and those that are computed now. */
export class ReportFigures {
  readonly #reader: Reader
  readonly #rules: FigureRules

  constructor(reader: Reader, rules: FigureRules) {
    this.#reader = reader
    this.#rules = rules
  }

  /** Frozen figures of a period: all, or those whose ids begin so. */
  async frozen({ unit, label }: ReportPeriod, id = ''): Promise<Map<string, SlaRow>> {
    if (unit === 'range') return new Map()
    const { name } = this.#rules
    return readFrozen(this.#reader, `${reportPrefix(name, this.#rules)}|${unit}|${label}|`, id)
  }

  /** The services that frozen figures are of. */
  async reported(): Promise<ReadonlySet<string>> {
    const { name } = this.#rules
    return new Set(
      Object.keys((await readState(this.#reader, reportPrefix(name, this.#rules)))?.services ?? {}),
    )
  }

  /** Of time whose facts were forgotten there are figures of nothing. */
  async compute(
    period: ReportPeriod,
    services: readonly ServiceRecord[],
    groupBy: readonly GroupBy[],
  ): Promise<Map<string, SlaRow>> {
    const moment = await this.#moment(period)
    if (period.start >= moment.since) return this.#compute(period, services, groupBy, moment)
    return new Map(services.map((service) => [service.id, this.#blank(period, service, moment)]))
  }

  async series(period: ReportPeriod, services: readonly ServiceRecord[], by: PartUnit): Promise<Series[]> {
    const { runs, until, since } = await this.#moment(period)
    const parts = partsOf(period, by, until, services.length)
    const series = services.map(({ id, name }) => ({ service: id, name, points: [] as SeriesPoint[] }))
    // So that each downtime meets a few parts, not all of them.
    for (let at = 0; at < parts.length; at += PARTS_AT_A_TIME) {
      const few = parts.slice(at, at + PARTS_AT_A_TIME)
      const subjects = services.map((record) => ({
        ...{ record, groups: [] },
        tallies: few.map((part) => new Tally(part)),
      }))
      const stretch = { from: few[0]!.start, until: Math.min(few.at(-1)!.end, until) }
      await this.#survey({ ...stretch, runs, subjects, groups: [] })
      for (const [i, { tallies }] of subjects.entries())
        for (const tally of tallies) {
          const isKnown = tally.period.start >= since
          series[i]!.points.push(this.#point(isKnown ? tally : new Tally(tally.period), until))
        }
    }
    return series
  }

  #point(tally: Tally<PeriodPart>, until: number): SeriesPoint {
    return { ...tally.period, ...figureOf(tally, tally.period, until, this.#rules.policy) }
  }

  async explain(service: string, period: ReportPeriod): Promise<Explanation> {
    const [record] = await this.#reader.services({ ids: [service], removed: true })
    if (!record) throw new UptimeError('NOT_FOUND', `there is no service with the id ${describe(service)}`)
    const moment = await this.#moment(period)
    if (period.start < moment.since) throw forgotten(period, moment.since)
    const computed = wasMonitored(record, period)
      ? await this.#compute(period, [record], [], moment)
      : undefined
    const row = computed?.get(service) ?? this.#blank(period, record, moment)
    const frozen = (await this.frozen(period, service)).get(service)
    return explain({ reader: this.#reader, record, row, frozen, until: moment.until })
  }

  /** Where the counting ends: at the period's end, or now, which for a monitor that runs is its last proof of life. */
  async #moment({ start, end }: Range): Promise<Moment> {
    const now = this.#rules.now()
    const asOf = await this.#reader.cursor()
    const since = (await this.#reader.since?.()) ?? Number.NEGATIVE_INFINITY
    const runs = await readRuns(this.#reader)
    const until = Math.max(start, Math.min(end, settledUntil(runs, now)))
    return { asOf, runs, until, since }
  }

  async #compute(
    period: ReportPeriod,
    services: readonly ServiceRecord[],
    groupBy: readonly GroupBy[],
    { asOf, runs, until }: Moment,
  ): Promise<Map<string, SlaRow>> {
    const { counted, subjects, groups } = openTallies(period, services, groupBy)
    await this.#survey({ from: period.start, until, runs, subjects, groups })
    return new Map(rowsOf(counted, services, { ...this.#shown(period, asOf), until, groups: groupBy }))
  }

  #survey(plan: Omit<Parameters<typeof survey>[0], 'reader' | 'pace'>): Promise<void> {
    return survey({ ...plan, reader: this.#reader, pace: new Pace(new AbortController().signal) })
  }

  /** The figure of a service that was not monitored in the period: there is none. */
  #blank(period: ReportPeriod, service: ServiceRecord, { asOf, until }: Moment): SlaRow {
    const shown = this.#shown(period, asOf)
    return serviceRow(service, figureOf(new Tally(period), period, until, shown.policy), shown)
  }

  #shown(period: ReportPeriod, asOf: number) {
    const { policy, objective } = this.#rules
    return { period, policy, objective, asOf }
  }
}

function forgotten({ label }: ReportPeriod, since: number): UptimeError {
  const first = new Date(since).toISOString()
  return new UptimeError(
    'PERIOD_INVALID',
    `${label} cannot be explained: facts of before ${first} were forgotten; its frozen figures are kept`,
  )
}

/** Empty tallies for services and their groups. */
function openTallies(period: Range, services: readonly ServiceRecord[], groupBy: readonly GroupBy[]) {
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
