import { setImmediate } from 'node:timers/promises'
import { type CheckAllReport, type CheckResult, checkAll, UptimeError } from '@uptimeserver/core'
import { type CommonOptions, createFilter } from '../filter.js'
import { loadResolved } from '../load-config.js'
import { printJson, statusJson, warn } from '../output.js'
import { waitFor } from '../patience.js'
import { onStray } from '../strays.js'

/** `uptime check`: exit code 0 when all are up, 1 when any is down or a provider gave no set. */
export async function check(words: readonly string[], options: CommonOptions): Promise<void> {
  const filter = createFilter(words, options)
  const { config } = await loadResolved(options.config)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  onStray((message) => warn(message))
  const report = await waitFor('checking', checkAll(config, { filter, signal: stop.signal }))
  // What a plugin threw meanwhile is told before the process ends.
  await setImmediate()
  const missed = filter.nothingChosen()
  if (options.json) printJson(report.results.map(resultJson))
  else if (!missed) await printReport(report)
  for (const { provider, reason } of report.failed) warn(`provider ${provider} gave no set: ${reason}`)
  // Without all sets nobody can tell whether the filter is wrong.
  if (missed && !report.failed.length) throw new UptimeError('CONFIG_INVALID', missed)
  const allUp = report.results.every(({ status }) => status === 'up') && !report.failed.length
  process.exitCode = allUp && !stop.signal.aborted ? 0 : 1
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

async function printReport({ results, skipped }: CheckAllReport): Promise<void> {
  const { printLine, printTable } = await import('../ui/print.js')
  const { counts, latency, plural, statusCell } = await import('../ui/format.js')
  const { dim } = await import('../ui/colors.js')
  const rows = results.map((result) => [
    result.name,
    dim(result.kind),
    statusCell({ status: result.status, failures: 0, attempts: 0 }),
    latency(result.latencyMs),
    result.message ?? '',
  ])
  printTable(COLUMNS, rows)
  if (skipped.length) printLine(dim(`${plural(skipped.length, 'object')} skipped by providers`))
  printLine(...counts(results))
}
