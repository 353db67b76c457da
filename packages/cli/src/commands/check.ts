import { setImmediate } from 'node:timers/promises'
import { type CheckAllReport, type CheckResult, checkAll, UptimeError } from '@uptimeserver/core'
import { type CommonOptions, createFilter, type Filter } from '../filter.js'
import { loadResolved } from '../load-config.js'
import { printJson, statusJson, warn } from '../output.js'
import { waitFor } from '../patience.js'
import { isAmiss, named, shownOf } from '../skipped.js'
import { onStray } from '../strays.js'

/**
 * `uptime check`: exit code 0 when all are up, 1 when any is down or a provider gave no set, 2 when nothing is left to
 * check.
 */
export async function check(words: readonly string[], options: CommonOptions): Promise<void> {
  const filter = createFilter(words, options)
  const { config, folder } = await loadResolved(options.config)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  onStray((message) => warn(message))
  const report = await waitFor('checking', checkAll(config, { filter, folder, signal: stop.signal }))
  // What a plugin threw meanwhile is told before the process ends.
  await setImmediate()
  const nothing = stop.signal.aborted ? undefined : whyNothing(filter, report)
  if (options.json) printJson(report.results.map(resultJson))
  else if (!nothing && !filter.nothingChosen()) await printReport(report)
  await tellSkipped(report)
  for (const { provider, reason } of report.failed) warn(`provider ${provider} gave no set: ${reason}`)
  if (nothing) throw new UptimeError('CONFIG_INVALID', nothing)
  const allUp = report.results.every(({ status }) => status === 'up') && !report.failed.length
  process.exitCode = allUp && !stop.signal.aborted ? 0 : 1
}

/** Why no service was checked where one should have been: all of none are up, which would look like success. */
function whyNothing(filter: Filter, { failed, skipped }: CheckAllReport): string | undefined {
  // Without all sets nobody can tell whether the filter is wrong.
  if (failed.length) return undefined
  if (filter.seen()) return filter.nothingChosen()
  if (skipped.some(isAmiss)) return 'nothing is left to check: all that providers found was skipped'
  return filter.isEmpty ? undefined : 'nothing to check: there are no services that the filter could fit'
}

/** On standard error, so that JSON stays JSON. */
async function tellSkipped({ skipped }: CheckAllReport): Promise<void> {
  if (!skipped.length) return
  const { plural } = await import('../ui/format.js')
  const { shown, more } = shownOf(skipped)
  const { wrapLine } = await import('../ui/line.js')
  const width = process.stderr.columns || Number.POSITIVE_INFINITY
  const lines = [
    `${plural(skipped.length, 'object')} skipped by providers:`,
    ...shown.map((each) => `  ${named(each)}`),
    ...(more ? [`  and ${more} more: uptime status --discovery`] : []),
  ]
  process.stderr.write(`${lines.flatMap((line) => wrapLine([line], width)).join('\n')}\n`)
}

function resultJson(result: CheckResult) {
  const { maintenance: _, ...status } = statusJson({
    ...{ ...result, since: null, lastCheck: result.at, maintenance: null },
  })
  return { ...status, detail: result.detail }
}

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'KIND', drop: 2 },
  { title: 'STATUS' },
  { title: 'LATENCY', align: 'right' as const, drop: 1 },
  { title: 'MESSAGE', least: 16, drop: 3 },
]

async function printReport({ results }: CheckAllReport): Promise<void> {
  const { printLine, printTable } = await import('../ui/print.js')
  const { counts, latency, statusCell } = await import('../ui/format.js')
  const { dim } = await import('../ui/colors.js')
  const rows = results.map((result) => [
    result.name,
    dim(result.kind),
    statusCell({ status: result.status, failures: 0, attempts: 0 }),
    latency(result.latencyMs),
    result.message ?? '',
  ])
  printTable(COLUMNS, rows)
  printLine(...counts(results))
}
