import { type ProviderStatus, readStatus, type StatusReport } from '@uptimeserver/core'
import { type CommonOptions, createFilter } from '../filter.js'
import { withReader } from '../open-storage.js'
import { iso, printJson, statusJson, warn } from '../output.js'
import { bold, dim, yellow } from '../ui/colors.js'
import { ago, counts, dateTime, latency, plural, statusCell } from '../ui/format.js'
import { printLine, printTable } from '../ui/print.js'

export interface StatusCommandOptions extends CommonOptions {
  readonly removed?: boolean
  readonly discovery?: boolean
}

/** `uptime status`: from the storage alone, while a monitor runs or not. */
export async function status(words: readonly string[], options: StatusCommandOptions): Promise<void> {
  const filter = createFilter(words, options)
  const now = Date.now()
  const report = await withReader(options.config, (reader) =>
    readStatus(reader, now, { removed: options.removed }),
  )
  const services = report.services.filter(filter).sort((a, b) => a.name.localeCompare(b.name))
  if (options.discovery) return printDiscovery(report, options.json)
  const missed = filter.nothingChosen()
  if (missed) warn(missed)
  if (options.json) return printJson(services.map(statusJson))
  printServices({ ...report, services }, now)
}

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'KIND', drop: 3 },
  { title: 'CATEGORY', drop: 2 },
  { title: 'STATUS' },
  { title: 'FOR', align: 'right' as const, drop: 4 },
  { title: 'LATENCY', align: 'right' as const, drop: 1 },
  { title: 'MESSAGE', least: 16, drop: 5 },
]

function printServices({ services, monitor }: StatusReport, now: number): void {
  const rows = services.map((service) => [
    service.name,
    dim(service.kind),
    dim(service.category ?? ''),
    statusCell(service),
    ago(service.since, now),
    latency(service.latencyMs),
    service.message ?? '',
  ])
  printTable(COLUMNS, rows)
  const running = monitor
    ? `monitor running since ${dateTime(monitor.startedAt)}`
    : yellow('no monitor is running')
  const waiting = monitor?.waiting ? [yellow(`, ${plural(monitor.waiting, 'fact')} not stored yet`)] : []
  printLine(...counts(services), ' · ', running, ...waiting)
}

function printDiscovery({ providers }: StatusReport, json: boolean | undefined): void {
  if (json) return printJson(providers.map(discoveryJson))
  if (!providers.length) printLine('no provider is running')
  for (const provider of providers) {
    const { name, services, skipped, staleSince, error } = provider
    printLine(bold(name), `: ${plural(services, 'service')}, ${skipped.length} skipped`)
    if (staleSince) printLine(yellow(`  stale since ${dateTime(staleSince)}: ${error}`))
    for (const { what, reason } of skipped) printLine(`  ${what}: `, dim(reason))
  }
}

function discoveryJson({ staleSince, ...provider }: ProviderStatus) {
  return { ...provider, staleSince: iso(staleSince) }
}
