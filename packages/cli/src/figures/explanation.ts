import type { Explanation, SlaRow } from '@uptimeserver/core'
import { bold, colors, dim, red, yellow } from '../ui/colors.js'
import type { Column } from '../ui/columns.js'
import { grouped } from '../ui/format.js'
import type { Cell } from '../ui/line.js'
import { printLine } from '../ui/print.js'
import { renderTable } from '../ui/table.js'
import { ZonedTimes } from '../zoned.js'
import { nameOf, percent, titleOf } from './columns.js'

const SPANS: readonly Column[] = [
  { title: 'FROM' },
  { title: 'TO' },
  { title: 'MS', align: 'right' },
  { title: 'COUNTS AS' },
  { title: 'BECAUSE' },
]
const DOWNTIMES: readonly Column[] = [
  { title: 'DOWNTIME' },
  { title: 'START' },
  { title: 'END' },
  { title: 'COUNTED MS', align: 'right' },
  { title: 'REASON' },
  { title: 'NOTES' },
]
const PAINT: Readonly<Record<string, (text: string) => Cell>> = { down: red, unobserved: yellow }

/** Prints a figure as a calculation that can be checked line by line. Nothing is cut, however narrow the terminal. */
export function printExplanation({ row, frozen, until, spans, downtimes }: Explanation): void {
  const times = new ZonedTimes(row.period.zone)
  const { start, end } = row.period
  printLine(bold(nameOf(row)), ` · ${titleOf(row.period)}`)
  printLine(`from ${times.exact(start)} to ${times.exact(end)}, counted to ${times.exact(until)}`)
  printLine('')
  const pieces = spans.map((span) => [
    ...[times.exact(span.start), times.exact(span.end), grouped(span.end - span.start)],
    ...[(PAINT[span.as] ?? String)(span.as), span.because],
  ])
  printWhole(SPANS, pieces)
  const outages = downtimes.map((downtime) => [
    ...[
      downtime.id,
      times.exact(downtime.start),
      downtime.end === null ? red('open') : times.exact(downtime.end),
    ],
    ...[grouped(downtime.countedMs), downtime.reason, downtime.notes.join('; ')],
  ])
  printWhole(DOWNTIMES, outages)
  for (const line of calculation(row)) printLine(line)
  if (frozen) printLine(dim(''), ...frozenCells(row, frozen))
}

function printWhole(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
  if (!rows.length) return
  const lines = renderTable(columns, rows, Number.POSITIVE_INFINITY, colors.dim)
  process.stdout.write(`${lines.join('\n')}\n\n`)
}

function calculation(row: SlaRow): string[] {
  const { observedMs, unobservedMs, maintenanceMs, countedMs, downMs, uptime, coverage, policy } = row
  const added = (rule: (typeof policy)['unobserved'], ms: number, what: string) => ({
    counted: rule === 'exclude' ? '' : ` + ${grouped(ms)} ${what}`,
    down: rule === 'down' ? ms : 0,
  })
  const unobserved = added(policy.unobserved, unobservedMs, 'unobserved')
  const maintenance = added(policy.maintenance, maintenanceMs, 'maintenance')
  const known = downMs - unobserved.down - maintenance.down
  const further = [
    unobserved.down && ` + ${grouped(unobserved.down)} unobserved`,
    maintenance.down && ` + ${grouped(maintenance.down)} maintenance`,
  ]
  const [counted, down] = [grouped(countedMs), grouped(downMs)]
  const active = `${grouped(observedMs)} + ${grouped(unobservedMs)}`
  return [
    `policy     unobserved: ${policy.unobserved}, maintenance: ${policy.maintenance}`,
    `counted  = ${grouped(observedMs)} observed${unobserved.counted}${maintenance.counted} = ${counted} ms`,
    `down     = ${grouped(known)} down${further.filter(Boolean).join('')} = ${down} ms`,
    uptime === null
      ? 'uptime   = n/a: nothing counts'
      : `uptime   = 100 × (${counted} − ${down}) / ${counted} = ${uptime} %, shown as ${percent(uptime)}`,
    coverage === null
      ? 'coverage = n/a: nothing was monitored'
      : `coverage = 100 × ${grouped(observedMs)} / (${active}) = ${coverage} %, shown as ${percent(coverage)}`,
    ...budgetLines(row),
  ]
}

function budgetLines({
  objective,
  budgetMs,
  budgetLeftMs,
  downMs,
  budgetUsedUpAt,
  period,
}: SlaRow): string[] {
  if (objective === null || budgetMs === null || budgetLeftMs === null) return []
  const times = new ZonedTimes(period.zone)
  const usedUp =
    budgetUsedUpAt === null ? '' : `; at this rate it is used up at ${times.full(budgetUsedUpAt)}`
  const left = `${budgetLeftMs < 0 ? '−' : ''}${grouped(Math.abs(budgetLeftMs))}`
  return [
    `budget   = ${grouped(budgetMs)} ms at ${objective} %, − ${grouped(downMs)} ms down = ${left} ms left${usedUp}`,
  ]
}

/** What was said before, which stays so until somebody has to correct it. */
function frozenCells(row: SlaRow, frozen: SlaRow): Cell[] {
  const because = frozen.because ? ` (${frozen.because.join('; ')})` : ''
  const said = `frozen as version ${frozen.version}: ${percent(frozen.uptime)}${because}`
  if (frozen.uptime === row.uptime && frozen.downMs === row.downMs) return [said]
  return [said, yellow('; what came late makes another version of it at the next consolidation')]
}
