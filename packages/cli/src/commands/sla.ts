import { type PeriodQuery, type Reports, type SlaRow, UptimeError } from '@uptimeserver/core'
import { FIGURE_COLUMNS, isMissed, policyText, titleOf } from '../figures/columns.js'
import { figuresCsv } from '../figures/csv.js'
import { printExplanation } from '../figures/explanation.js'
import { figureJson } from '../figures/json.js'
import { figuresMarkdown } from '../figures/markdown.js'
import { type CommonOptions, createFilter, theOne } from '../filter.js'
import { withReader } from '../open-storage.js'
import { printJson, warn } from '../output.js'
import { parseGroupBy, periodFrom, type ReportOptions, reportsFrom } from '../report-options.js'
import { bold, dim, green, red } from '../ui/colors.js'
import type { Cell } from '../ui/line.js'
import { printLine, printTable } from '../ui/print.js'
import { ZonedTimes } from '../zoned.js'

export interface SlaCommandOptions extends CommonOptions, ReportOptions {
  readonly service?: readonly string[]
  readonly groupBy?: readonly string[]
  readonly csv?: boolean
  readonly markdown?: boolean
  readonly explain?: string
}

/** `uptime sla`: figures of a period, from frozen ones where there are any. */
export async function showSla(words: readonly string[], options: SlaCommandOptions): Promise<void> {
  const now = Date.now()
  const filter = createFilter([...words, ...(options.service ?? [])], options)
  const groupBy = options.groupBy?.map(parseGroupBy)
  await withReader(options.config, async (reader, config) => {
    const { reports, rules } = reportsFrom(reader, config, options)
    const query = periodFrom(options, rules.zone, now)
    if (options.explain !== undefined) {
      insistOnText(options)
      const { id } = theOne(options.explain, await reader.services({ removed: true }))
      return printExplanation(await reports.explain(id, query))
    }
    const rows = await reports.sla({ period: query, filter: filter.isEmpty ? undefined : filter, groupBy })
    tellWhyNothing(reports, query, rows, filter.nothingChosen(), now)
    if (options.json) printJson(rows.map(figureJson))
    else if (options.csv) process.stdout.write(figuresCsv(rows))
    else if (options.markdown) process.stdout.write(figuresMarkdown(rows))
    else printFigures(rows, reports, query, now)
  })
}

/** An explanation is a calculation to be read. */
function insistOnText({ json, csv, markdown }: SlaCommandOptions): void {
  const other = Object.entries({ json, csv, markdown }).find(([, isAsked]) => isAsked)?.[0]
  if (other)
    throw new UptimeError(
      'CONFIG_INVALID',
      `--${other}: found beside --explain, which is text; leave one of them out`,
    )
}

function tellWhyNothing(
  reports: Reports,
  query: PeriodQuery,
  rows: readonly SlaRow[],
  missed: string | undefined,
  now: number,
): void {
  const period = reports.period(query)
  if (period.start >= now) warn(`${titleOf(period)} has not begun: there are no figures yet`)
  if (missed) warn(missed)
  else if (!rows.length) warn(`no service was monitored in ${titleOf(period)}`)
}

function printFigures(rows: readonly SlaRow[], reports: Reports, query: PeriodQuery, now: number): void {
  const period = reports.period(query)
  const times = new ZonedTimes(period.zone)
  const until = period.end > now && period.start < now ? [dim(`, counted to ${times.short(now)}`)] : []
  printLine(
    bold(titleOf(period)),
    dim(` · ${times.short(period.start)} to ${times.short(period.end)}`),
    ...until,
  )
  printLine('')
  printTable(
    FIGURE_COLUMNS,
    rows.map((row) => FIGURE_COLUMNS.map(({ title, text }) => painted(title, text(row), row))),
  )
  const [first] = rows
  if (first) printLine(dim(`floored, never rounded up · ${policyText(first.policy)}`))
}

function painted(title: string, text: string, row: SlaRow): Cell {
  const missed = isMissed(row)
  if (title !== 'UPTIME' || missed === undefined) return text
  return missed ? red(text) : green(text)
}
