import { type CheckAllReport, type CheckResult, checkAll } from '@uptimeserver/core'
import { createFilter } from '../filter.js'
import { loadResolved } from '../load-config.js'
import { printJson, printLine, statusJson, warn } from '../output.js'
import type { CommonOptions } from '../program.js'
import { colors } from '../ui/colors.js'

/** `uptime check`: exit code 0 when all are up, 1 when any is down or a provider gave no set. */
export async function check(words: readonly string[], options: CommonOptions): Promise<void> {
  const filter = createFilter(words, options)
  const { config } = await loadResolved(options.config)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const report = await checkAll(config, { filter, signal: stop.signal })
  if (options.json) printJson(report.results.map(resultJson))
  else await printReport(report)
  for (const { provider, reason } of report.failed) warn(`provider ${provider} gave no set: ${reason}`)
  const allUp = report.results.every(({ status }) => status === 'up') && !report.failed.length
  process.exitCode = allUp && !stop.signal.aborted ? 0 : 1
}

function resultJson(result: CheckResult) {
  const status = statusJson({ ...result, since: null, lastCheck: result.at })
  return { ...status, detail: result.detail }
}

async function printReport({ results, skipped }: CheckAllReport): Promise<void> {
  const { renderTable } = await import('../ui/table.js')
  const { counts, dim, latency, plural, statusCell, terminalWidth } = await import('../ui/format.js')
  const columns = [
    { title: 'SERVICE' },
    { title: 'KIND' },
    { title: 'STATUS' },
    { title: 'LATENCY', align: 'right' as const },
    { title: 'MESSAGE' },
  ]
  const rows = results.map((result) => [
    result.name,
    dim(result.kind),
    statusCell({ status: result.status, failures: 0, attempts: 0 }),
    latency(result.latencyMs),
    result.message ?? '',
  ])
  if (rows.length) for (const line of renderTable(columns, rows, terminalWidth(), colors.dim)) printLine(line)
  if (skipped.length) printLine(colors.dim(`${plural(skipped.length, 'object')} skipped by providers`))
  printLine(`${rows.length ? '\n' : ''}${counts(results)}`)
}
