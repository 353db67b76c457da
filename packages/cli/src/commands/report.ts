import { extname } from 'node:path'
import { UptimeError } from '@uptimeserver/core'
import { titleOf } from '../figures/columns.js'
import { figuresCsv } from '../figures/csv.js'
import { type CommonOptions, createFilter } from '../filter.js'
import { toJson } from '../json.js'
import { withReader } from '../open-storage.js'
import { warn } from '../output.js'
import { collect, type ReportData } from '../report/data.js'
import { reportJson } from '../report/json.js'
import { reportMarkdown } from '../report/markdown.js'
import { reportPage } from '../report/page.js'
import { parseGroupBy, periodFrom, type ReportOptions, reportsFrom } from '../report-options.js'
import { save } from '../save.js'
import { green } from '../ui/colors.js'
import { plural } from '../ui/format.js'
import { printLine } from '../ui/print.js'

export interface ReportCommandOptions extends CommonOptions, ReportOptions {
  readonly output: string
  readonly title: string
  readonly groupBy?: readonly string[]
}

const WRITERS: Readonly<Record<string, (data: ReportData) => string>> = {
  '.html': reportPage,
  '.md': reportMarkdown,
  '.csv': ({ services, groups }) => figuresCsv([...services, ...groups]),
  '.json': (data) => `${toJson(reportJson(data), 2)}\n`,
}

/** `uptime report`: one file that can be sent to a customer. */
export async function report(words: readonly string[], options: ReportCommandOptions): Promise<void> {
  const write = writerFor(options.output)
  const filter = createFilter(words, options)
  const groupBy = options.groupBy?.map(parseGroupBy) ?? []
  const now = Date.now()
  const data = await withReader(options.config, (reader, config) => {
    const { reports, rules } = reportsFrom(reader, config, options)
    const period = periodFrom(options, rules.zone, now)
    const wanted = { title: options.title, monitor: config.monitor, period, groupBy }
    return collect(reader, reports, rules, { ...wanted, filter: filter.isEmpty ? undefined : filter })
  })
  const missed = filter.nothingChosen()
  if (missed) throw new UptimeError('NOT_FOUND', missed)
  if (data.period.start >= now) warn(`${titleOf(data.period)} has not begun: there are no figures yet`)
  else if (!data.services.length) warn(`no service was monitored in ${titleOf(data.period)}`)
  save('--output', options.output, write(data))
  const what = `${titleOf(data.period)}, ${plural(data.services.length, 'service')}`
  printLine(green('wrote'), ` ${options.output}: ${what}, ${plural(data.downtimes.length, 'downtime')}`)
}

function writerFor(output: string): (data: ReportData) => string {
  const writer = WRITERS[extname(output).toLowerCase()]
  if (writer) return writer
  const expected = `a file that ends with ${Object.keys(WRITERS).join(', ')}`
  throw new UptimeError('CONFIG_INVALID', `--output: found "${output}", expected ${expected}`)
}
