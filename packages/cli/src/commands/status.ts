import {
  createReports,
  type Holder,
  type ProviderStatus,
  type PublicStatusReport,
  type RecordedStatus,
  readStatus,
  type StatusReport,
} from '@uptimeserver/core'
import { type CommonOptions, createFilter, type Filter } from '../filter.js'
import { withReader } from '../open-storage.js'
import { iso, printJson, statusJson, warn } from '../output.js'
import { nameOf } from '../standing.js'
import { bold, colors, dim, yellow } from '../ui/colors.js'
import { ago, counts, dateTime, latency, plural, statusCell } from '../ui/format.js'
import type { Cell } from '../ui/line.js'
import { printLine, printTable } from '../ui/print.js'

export interface StatusCommandOptions extends CommonOptions {
  readonly removed?: boolean
  readonly discovery?: boolean
  readonly monitor?: boolean
  readonly public?: boolean
}

/** `uptime status`: from the storage alone, while a monitor runs or not. */
export async function status(words: readonly string[], options: StatusCommandOptions): Promise<void> {
  const filter = createFilter(words, options)
  const now = Date.now()
  if (options.public) return showPublic(filter, options)
  const report = await withReader(options.config, (reader) =>
    readStatus(reader, now, { removed: options.removed }),
  )
  const services = report.services.filter(filter).sort((a, b) => a.name.localeCompare(b.name))
  if (options.discovery) return printDiscovery(report, options.json)
  if (options.monitor) return printMonitor(report, options.json)
  const missed = filter.nothingChosen()
  if (missed) warn(missed)
  if (options.json) return printJson(services.map(statusJson))
  printServices({ ...report, services }, now)
}

async function showPublic(filter: Filter, { config, json }: StatusCommandOptions): Promise<void> {
  const report = await withReader(config, (reader) => createReports(reader).publicStatus())
  const services = report.services.filter((row) => filter({ ...row, id: row.service, sources: [] }))
  const missed = filter.nothingChosen()
  if (missed) warn(missed)
  if (json) return printJson(services.map((row) => ({ ...row, since: iso(row.since) })))
  printPublic({ ...report, services })
}

const PUBLIC_COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'STATUS' },
  { title: 'SINCE', drop: 2 },
  { title: 'CATEGORY', drop: 1 },
]

function printPublic({ at, services }: PublicStatusReport): void {
  const rows = services.map(({ name, status, since, category }) => [
    ...[name, { text: `● ${status}`, paint: PUBLIC_PAINT[status] }, dateTime(since), dim(category ?? '')],
  ])
  printTable(PUBLIC_COLUMNS, rows)
  if (at === null) return printLine(yellow('it was never made; `uptime consolidate status` makes it'))
  printLine(plural(services.length, 'service'), dim(` · as of ${dateTime(at)}`))
}

const PUBLIC_PAINT = {
  up: colors.green,
  down: colors.red,
  maintenance: colors.yellow,
  unknown: colors.gray,
} as const

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'KIND', drop: 3 },
  { title: 'CATEGORY', drop: 2 },
  { title: 'STATUS' },
  { title: 'FOR', align: 'right' as const, drop: 4 },
  { title: 'LATENCY', align: 'right' as const, drop: 1 },
  { title: 'MESSAGE', least: 16, drop: 5 },
]

function printServices({ services, ...report }: StatusReport, now: number): void {
  const rows = services.map((service) => [
    service.name,
    dim(service.kind),
    dim(service.category ?? ''),
    statusCell(service),
    ago(service.since, now),
    latency(service.latencyMs),
    messageOf(service),
  ])
  printTable(COLUMNS, rows)
  printLine(...counts(services), ' · ', ...instancesIn(report))
}

/** Who leads, and who would take over. */
function instancesIn({ monitor, standbys }: Omit<StatusReport, 'services'>): Cell[] {
  const leads = monitor
    ? `monitor running since ${dateTime(monitor.startedAt)} on ${nameOf(monitor)}`
    : yellow('no monitor is running')
  const waiting = monitor?.waiting ? [yellow(`, ${plural(monitor.waiting, 'fact')} not stored yet`)] : []
  const names = standbys.map(nameOf).join(', ')
  return [leads, ...(names ? [`, stands by: ${names}`] : []), ...waiting]
}

function printMonitor(report: StatusReport, json: boolean | undefined): void {
  if (!json) return printLine(...instancesIn(report))
  const { monitor, standbys } = report
  const leader = monitor && {
    ...instanceJson(monitor),
    since: iso(monitor.startedAt),
    waiting: monitor.waiting,
  }
  printJson({ leader: leader ?? null, standbys: standbys.map(instanceJson) })
}

function instanceJson({ host, pid }: Holder): Holder {
  return { host, pid }
}

function messageOf({ maintenance, message }: RecordedStatus): Cell {
  if (!maintenance) return message ?? ''
  const until = maintenance.end === null ? '' : ` until ${dateTime(maintenance.end)}`
  return yellow([`maintenance${until}: ${maintenance.reason}`, message].filter(Boolean).join(' · '))
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
