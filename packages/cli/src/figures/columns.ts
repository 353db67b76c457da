import { formatDuration, formatPercent, type ReportPeriod, type SlaRow } from '@uptimeserver/core'
import type { Column } from '../ui/columns.js'
import { grouped } from '../ui/format.js'

/** A column of figures, as a table, a page and a text show it. */
export interface FigureColumn extends Column {
  readonly text: (row: SlaRow) => string
}

const NONE = '–'

export const FIGURE_COLUMNS: readonly FigureColumn[] = [
  { title: 'SERVICE', least: 12, text: nameOf },
  { title: 'UPTIME', align: 'right', text: ({ uptime }) => percent(uptime) },
  { title: 'COVERAGE', align: 'right', drop: 7, text: ({ coverage }) => percent(coverage) },
  { title: 'DOWNTIMES', align: 'right', drop: 4, text: ({ downtimes }) => grouped(downtimes) },
  { title: 'DOWN', align: 'right', drop: 6, text: ({ downMs }) => formatDuration(downMs) },
  { title: 'LONGEST', align: 'right', drop: 3, text: ({ longestMs }) => length(longestMs) },
  { title: 'MTTR', align: 'right', drop: 2, text: ({ mttrMs }) => length(mttrMs) },
  { title: 'MTBF', align: 'right', drop: 1, text: ({ mtbfMs }) => length(mtbfMs) },
  {
    title: 'OBJECTIVE',
    align: 'right',
    drop: 5,
    text: ({ objective }) => (objective ? `${objective}%` : NONE),
  },
  { title: 'BUDGET LEFT', align: 'right', drop: 5, text: budgetOf },
]

/** A service's name; a group's says which of its two figures it is. */
export function nameOf({ name, group }: SlaRow): string {
  if (!group) return name
  const value = group.by === 'category' ? name : `${group.by.slice('label:'.length)}=${name}`
  return `${value} (${group.figure === 'mean' ? 'mean' : 'all up'} of ${group.services})`
}

/** `month 2026-11 (Europe/Berlin)` */
export function titleOf({ unit, label, zone }: ReportPeriod): string {
  return `${unit === 'range' ? 'range of time' : `${unit} ${label}`} (${zone})`
}

export function percent(value: number | null): string {
  return value === null ? 'n/a' : `${formatPercent(value)}%`
}

/** What is left of the error budget, as time and as a share of it. */
export function budgetOf({ budgetLeftMs, budgetLeft }: SlaRow): string {
  if (budgetLeftMs === null) return NONE
  const time = `${budgetLeftMs < 0 ? '-' : ''}${formatDuration(Math.abs(budgetLeftMs))}`
  return budgetLeft === null ? time : `${time} (${Math.floor(budgetLeft)}%)`
}

const COUNTS = { exclude: 'counts as nothing', up: 'counts as up', down: 'counts as down' } as const

/** How time is accounted for that is neither known to be up nor known to be down. */
export function policyText({ unobserved, maintenance }: SlaRow['policy']): string {
  return `time that was not observed ${COUNTS[unobserved]}, maintenance ${COUNTS[maintenance]}`
}

/** Whether the objective was missed: `undefined` where there is none, or nothing counts. */
export function isMissed({ uptime, objective }: SlaRow): boolean | undefined {
  return uptime === null || objective === null ? undefined : uptime < objective
}

function length(ms: number | null): string {
  return ms === null ? NONE : formatDuration(ms)
}
