import { formatDuration, formatPercent } from '@uptimeserver/core'
import { bold, dim, green, yellow } from '../ui/colors.js'
import { plural } from '../ui/format.js'
import { printLine, printTable } from '../ui/print.js'
import { ZonedTimes } from '../zoned.js'
import type { Difference } from './compare.js'
import type { Outcome } from './outcome.js'

/** Of what may be thousands of rows, so many are shown to a person. */
const SHOWN = 20

/** What people are told of a migration. */
export function printOutcome(outcome: Outcome, zone: string): void {
  const times = new ZonedTimes(zone)
  printServices(outcome, times)
  printObserved(outcome, times)
  printLeft(outcome)
  printDoubts(outcome)
  printDifferences(outcome, times)
  printEnd(outcome)
}

const SERVICES = [
  { title: 'SERVICE', least: 12 },
  { title: 'KIND', drop: 1 },
  { title: 'WATCHED FROM', drop: 2 },
  { title: 'TO', drop: 3 },
  { title: 'DOWNTIMES', align: 'right' as const },
  { title: 'HERE' },
]

function printServices({ plan, target }: Outcome, times: ZonedTimes): void {
  const rows = plan.services.map(({ facts: { id, name, kind }, start, removed, downtimes }) => [
    ...[name, kind, times.full(start), removed === null ? 'open' : times.full(removed)],
    ...[String(downtimes.length), target.services.has(id) ? 'known' : green('new')],
  ])
  printTable(SERVICES, rows)
}

function printObserved({ plan: { runs, until } }: Outcome, times: ZonedTimes): void {
  const [first, last] = [runs[0], runs.at(-1)]
  const ms = runs.reduce((sum, { start, end }) => sum + end - start, 0)
  if (!first || !last) printLine(bold('observed'), ': nothing proves that it ran, so no time counts')
  else {
    const span = `${formatDuration(ms)} between ${times.full(first.start)} and ${times.full(last.end)}`
    printLine(
      bold('observed'),
      `: ${span}, in ${runs.length === 1 ? 'one stretch' : `${runs.length} stretches`}`,
    )
  }
  if (until !== undefined) printLine(dim(`a monitor of this record's own runs since ${times.full(until)}`))
  printLine('')
}

const LEFT = [
  { title: 'NOT CARRIED', least: 16 },
  { title: 'WHY', least: 16 },
  { title: 'ID', drop: 1 },
]

function printLeft({ plan: { left } }: Outcome): void {
  printTable(
    LEFT,
    left.slice(0, SHOWN).map(({ what, why, collection, id }) => [what, why, dim(`${collection} ${id}`)]),
  )
  printMore(left.length)
}

const DOUBTS = [
  { title: 'DOUBTFUL', least: 8 },
  { title: 'DOWNTIME', drop: 1 },
  { title: 'WHY', least: 16 },
]

function printDoubts({ plan: { doubts, services } }: Outcome): void {
  const excluded = new Set(services.flatMap(({ excluded }) => excluded))
  const rows = doubts.slice(0, SHOWN).map(({ service, downtime = '', why }) => {
    return [service, downtime, excluded.has(downtime) ? yellow(`excluded: ${why}`) : why]
  })
  printTable(DOUBTS, rows)
  printMore(doubts.length)
}

const DIFFERENCES = [
  { title: 'FIGURE OF', least: 8 },
  { title: 'UNIT' },
  { title: 'FROM', drop: 2 },
  { title: 'THEIRS', align: 'right' as const },
  { title: 'OURS', align: 'right' as const },
  { title: 'POINTS', align: 'right' as const },
  { title: 'BECAUSE', least: 12, drop: 1 },
]

function printDifferences(
  { comparison: { different, compared, skipped } }: Outcome,
  times: ZonedTimes,
): void {
  printTable(
    DIFFERENCES,
    different.slice(0, SHOWN).map((difference) => differenceRow(difference, times)),
  )
  printMore(different.length)
  const equal = `${plural(compared, 'figure')} compared, ${different.length} differ`
  printLine(equal, ...(skipped ? [`, ${skipped} of what is not carried, or no figures`] : []))
}

function differenceRow(
  { service, unit, period, theirs, ours, points, because }: Difference,
  times: ZonedTimes,
) {
  const ourShare = ours === null ? 'n/a' : `${formatPercent(ours)}%`
  const by = points === null ? 'n/a' : `${points > 0 ? '+' : ''}${points.toFixed(3)}`
  return [service.name, unit, times.full(period.start), `${formatPercent(theirs)}%`, ourShare, by, because]
}

function printMore(count: number): void {
  if (count > SHOWN) printLine(dim(`… and ${count - SHOWN} more; --json shows all`), '\n')
}

function printEnd({ written, facts, plan }: Outcome): void {
  const downtimes = plan.services.reduce((sum, service) => sum + service.downtimes.length, 0)
  const what = `${plural(plan.services.length, 'service')}, ${plural(downtimes, 'downtime')}`
  const news = facts
    ? `${plural(facts, 'fact')} of them new to the record`
    : 'nothing of it new to the record'
  if (!written) return printLine(yellow('dry run'), `: ${what}; ${news}. --write writes it`)
  printLine(green('written'), `: ${what}; ${news}`)
}
