import type { CalendarUnit } from '../calendar/calendar.js'
import type { Range } from '../contracts.js'
import { accountFor, type Policy } from './availability.js'
import type { GroupBy } from './groups.js'
import type { Tally } from './tally.js'

/** What a period came to, for one service or group. */
export interface Figure {
  /** Percent, not rounded; `null` where nothing counts. */
  readonly uptime: number | null
  /** Percent of the monitored time outside of maintenance that was observed. */
  readonly coverage: number | null
  /** Of the period, what has passed, in ms. */
  readonly elapsedMs: number
  readonly observedMs: number
  /** Monitored and not observed, outside of maintenance. */
  readonly unobservedMs: number
  readonly maintenanceMs: number
  /** What the uptime is a share of: observed time, and what the policy adds to it. */
  readonly countedMs: number
  /** What counts as down: `uptime` is `100 × (countedMs − downMs) / countedMs`. */
  readonly downMs: number
  /** Downtimes that took observed time. */
  readonly downtimes: number
  /** The observed time of the longest of them. */
  readonly longestMs: number | null
  /** Mean time to repair: observed downtime by downtimes. */
  readonly mttrMs: number | null
  /** Mean time between failures: observed up time by downtimes. */
  readonly mtbfMs: number | null
}

export interface ReportPeriod {
  readonly unit: CalendarUnit | 'range'
  readonly label: string
  readonly start: number
  readonly end: number
  readonly zone: string
}

/** Which services are taken together, and how. */
export interface GroupFigure {
  readonly by: GroupBy
  readonly value: string
  /** `mean`: the mean of its services' figures. `all-up`: as one that is up while all of them are. */
  readonly figure: 'mean' | 'all-up'
  /** How many services it has in this period. */
  readonly services: number
}

/** The figure of a service or of a group. A group has `group` and no service. */
export interface SlaRow extends Figure {
  readonly service?: string | undefined
  readonly kind?: string | undefined
  readonly name: string
  readonly category?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly group?: GroupFigure | undefined
  readonly period: ReportPeriod
  readonly policy: Required<Policy>
  /** Percent. */
  readonly objective: number | null
  /** What the objective allows to be down in the whole period, in ms. */
  readonly budgetMs: number | null
  /** What is left of it, in ms; below 0 when the objective was missed. */
  readonly budgetLeftMs: number | null
  /** The same as a percentage of the budget. */
  readonly budgetLeft: number | null
  /** When the budget will be used up at the present rate, in ms since the epoch; `null`: not in this period. */
  readonly budgetUsedUpAt: number | null
  /** 1, 2, 3 … of a closed period, which never change; 0 was computed just now. */
  readonly version: number
  /** The position in the log that it was made from. */
  readonly asOf: number
  /** Why there is a later version than the first. */
  readonly because?: readonly string[]
}

/** What a tally comes to. `until` is where the counting ended. */
export function figureOf(tally: Tally, { start, end }: Range, until: number, policy: Policy): Figure {
  const { observedMs, maintenanceMs, downtimes } = tally
  const { uptime, coverage, countedMs, downMs } = accountFor(tally, policy)
  return {
    uptime,
    coverage,
    elapsedMs: Math.max(0, Math.min(end, until) - start),
    observedMs,
    unobservedMs: tally.activeMs - observedMs,
    maintenanceMs,
    countedMs,
    downMs,
    downtimes,
    longestMs: downtimes ? tally.longestMs : null,
    mttrMs: downtimes ? tally.downMs / downtimes : null,
    mtbfMs: downtimes ? (observedMs - tally.downMs) / downtimes : null,
  }
}

/** The mean of services' figures: each counts the same, however long it was observed. Its times are sums. */
export function meanOf(figures: readonly Figure[]): Figure {
  const sum = (key: keyof Figure) => figures.reduce((total, figure) => total + (figure[key] ?? 0), 0)
  const mean = (key: 'uptime' | 'coverage') => {
    const known = figures.flatMap((figure) => figure[key] ?? [])
    return known.length ? known.reduce((total, value) => total + value, 0) / known.length : null
  }
  const times = (key: 'mttrMs' | 'mtbfMs') =>
    figures.reduce((total, figure) => total + (figure[key] ?? 0) * figure.downtimes, 0)
  const downtimes = sum('downtimes')
  return {
    uptime: mean('uptime'),
    coverage: mean('coverage'),
    elapsedMs: Math.max(0, ...figures.map(({ elapsedMs }) => elapsedMs)),
    observedMs: sum('observedMs'),
    unobservedMs: sum('unobservedMs'),
    maintenanceMs: sum('maintenanceMs'),
    countedMs: sum('countedMs'),
    downMs: sum('downMs'),
    downtimes,
    longestMs: downtimes ? Math.max(...figures.map(({ longestMs }) => longestMs ?? 0)) : null,
    mttrMs: downtimes ? times('mttrMs') / downtimes : null,
    mtbfMs: downtimes ? times('mtbfMs') / downtimes : null,
  }
}
