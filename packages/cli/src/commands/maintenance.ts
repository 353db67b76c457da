import {
  addMaintenance,
  endMaintenance,
  type Maintenance,
  type ServiceRecord,
  UptimeError,
} from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import { authorOf } from '../author.js'
import { restateNow } from '../consolidate.js'
import { type CommonOptions, createFilter } from '../filter.js'
import { withReader, withWriter } from '../open-storage.js'
import { printJson } from '../output.js'
import { maintenanceJson } from '../records-json.js'
import { durationOf, parseTime } from '../time.js'
import { green, yellow } from '../ui/colors.js'
import { plural } from '../ui/format.js'
import { printLine, printTable } from '../ui/print.js'
import { ZonedTimes } from '../zoned.js'

export interface AddMaintenanceOptions extends CommonOptions {
  readonly from?: string
  readonly to?: string
  readonly for?: string
  readonly reason: string
  readonly author?: string
}

/** `uptime maintenance add`: agreed time, also for the past. */
export async function add(words: readonly string[], options: AddMaintenanceOptions): Promise<void> {
  const now = Date.now()
  const filter = createFilter(words, options)
  await withWriter(options.config, async (storage, config) => {
    const start = options.from === undefined ? now : parseTime('--from', options.from, now, config.zone)
    const window = await addMaintenance(storage, {
      start,
      end: endOf(options, start, now, config.zone),
      reason: options.reason,
      author: authorOf(options.author),
      filter: filter.isEmpty ? undefined : filter,
    })
    const restated = await restateNow(storage, config)
    if (options.json) return printJson(maintenanceJson(window))
    const span = spanOf(window, config.zone)
    printLine(green('recorded'), ` ${window.window}: ${span}, ${forWhom(window)}; ${restated}`)
  })
}

function endOf({ to, for: length }: AddMaintenanceOptions, start: number, now: number, zone: string) {
  if (to !== undefined && length !== undefined)
    throw new UptimeError('CONFIG_INVALID', '--for: found beside --to, expected one of them')
  if (length !== undefined) return start + durationOf('--for', length)
  return to === undefined ? null : parseTime('--to', to, now, zone)
}

/** `uptime maintenance end`: now; what has not begun never does. */
export async function end(window: string, options: Pick<CommonOptions, 'config' | 'json'>): Promise<void> {
  await withWriter(options.config, async (storage, config) => {
    const ended = await endMaintenance(storage, window)
    const restated = await restateNow(storage, config)
    if (options.json) return printJson(maintenanceJson(ended))
    printLine(green('ended'), ` ${window}: ${spanOf(ended, config.zone)}; ${restated}`)
  })
}

export interface ListMaintenanceOptions extends CommonOptions {
  readonly from?: string
  readonly to?: string
}

/** `uptime maintenance list`: what was agreed, whoever said so, oldest first. */
export async function list(words: readonly string[], options: ListMaintenanceOptions): Promise<void> {
  const now = Date.now()
  const filter = createFilter(words, options)
  const { windows, services, times } = await withReader(options.config, async (reader, { zone }) => {
    const timeOf = (option: string, text: string | undefined) =>
      text === undefined ? undefined : parseTime(option, text, now, zone)
    const services = await reader.services({ removed: true })
    const ids = filter.isEmpty ? undefined : services.filter(filter).map(({ id }) => id)
    const query = { from: timeOf('--from', options.from), to: timeOf('--to', options.to), services: ids }
    return { services, windows: await all(reader.maintenance(query)), times: new ZonedTimes(zone) }
  })
  if (options.json) printJson(windows.map(maintenanceJson))
  else printWindows(windows, services, times, now)
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'START', drop: 3 },
  { title: 'END', drop: 2 },
  { title: 'SERVICES', least: 12, drop: 4 },
  { title: 'REASON', least: 16 },
  { title: 'AUTHOR', drop: 1 },
]

function printWindows(
  windows: readonly Maintenance[],
  services: readonly ServiceRecord[],
  times: ZonedTimes,
  now: number,
): void {
  const names = new Map(services.map(({ id, name }) => [id, name]))
  const rows = windows.map(({ window, start, end, services, reason, author }) => [
    window,
    times.full(start),
    end === null ? yellow('open') : times.full(end),
    services?.map((id) => names.get(id) ?? id).join(', ') ?? 'all',
    reason,
    author ?? 'config',
  ])
  printTable(COLUMNS, rows)
  const open = windows.filter(({ start, end }) => start <= now && (end === null || end > now)).length
  printLine(plural(windows.length, 'window'), ...(open ? [', ', yellow(`${open} now`)] : []))
}

function spanOf({ start, end }: Maintenance, zone: string): string {
  const times = new ZonedTimes(zone)
  if (end === null) return `from ${times.full(start)} until it is ended`
  return start === end ? `it never begins` : `from ${times.full(start)} to ${times.full(end)}`
}

function forWhom({ services }: Maintenance): string {
  return services ? `for ${plural(services.length, 'service')}` : 'for every service'
}
