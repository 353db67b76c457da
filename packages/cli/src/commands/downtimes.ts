import { type Downtime, formatDuration, type Reader, type ServiceRecord } from '@uptimeserver/core'
import { type CommonOptions, createFilter } from '../filter.js'
import { withReader } from '../open-storage.js'
import { iso, printJson, warn } from '../output.js'
import { parseTime } from '../time.js'
import { red } from '../ui/colors.js'
import { dateTime, plural, shortDateTime } from '../ui/format.js'
import { printLine, printTable, terminalWidth } from '../ui/print.js'

export interface DowntimesOptions extends CommonOptions {
  readonly from?: string
  readonly to?: string
  readonly open?: boolean
  readonly removed?: boolean
}

type Listed = Downtime & { readonly name: string }

/** `uptime downtimes`: the outages on record, oldest first. */
export async function downtimes(words: readonly string[], options: DowntimesOptions): Promise<void> {
  const now = Date.now()
  const filter = createFilter(words, options)
  const period = { from: parseTime('--from', options.from, now), to: parseTime('--to', options.to, now) }
  const listed = await withReader(options.config, async (reader) => {
    const services = (await reader.services({ removed: true })).filter(isWanted(options)).filter(filter)
    return list(reader, services, { ...period, open: options.open || undefined })
  })
  const missed = filter.nothingChosen()
  if (missed) warn(missed)
  if (options.json) printJson(listed.map((downtime) => downtimeJson(downtime, now)))
  else print(listed, now)
}

function isWanted({ removed }: DowntimesOptions) {
  return ({ monitored }: ServiceRecord) => removed || monitored.at(-1)?.end === null
}

async function list(reader: Reader, services: readonly ServiceRecord[], query: object): Promise<Listed[]> {
  const names = new Map(services.map(({ id, name }) => [id, name]))
  const listed: Listed[] = []
  for await (const downtime of reader.downtimes({ ...query, services: [...names.keys()] })) {
    listed.push({ ...downtime, name: names.get(downtime.service)! })
  }
  return listed
}

function downtimeJson({ id, service, name, start, end, reason }: Listed, now: number) {
  return { id, service, name, start: iso(start), end: iso(end), durationMs: (end ?? now) - start, reason }
}

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'START', drop: 3 },
  { title: 'END', drop: 1 },
  { title: 'DURATION', align: 'right' as const },
  { title: 'REASON', least: 16, drop: 2 },
]
/** Below this, times are shown without their zone, so that there is room for the reason. */
const ROOMY = 110

function print(listed: readonly Listed[], now: number): void {
  const time = terminalWidth() < ROOMY ? shortDateTime : dateTime
  const rows = listed.map(({ name, start, end, reason }) => [
    name,
    time(start),
    end === null ? red('open') : time(end),
    // The sign says that it goes on, also where there is no room for the end.
    end === null ? `${formatDuration(now - start)}+` : formatDuration(end - start),
    reason,
  ])
  printTable(COLUMNS, rows)
  const open = listed.filter(({ end }) => end === null).length
  printLine(plural(listed.length, 'downtime'), ...(open ? [', ', red(`${open} open`)] : []))
}
