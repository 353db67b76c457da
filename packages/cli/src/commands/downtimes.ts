import { type Downtime, formatDuration, type Reader, type ServiceRecord } from '@uptimeserver/core'
import { createFilter } from '../filter.js'
import { withReader } from '../open-storage.js'
import { iso, printJson, printLine } from '../output.js'
import type { CommonOptions } from '../program.js'
import { parseTime } from '../time.js'
import { colors } from '../ui/colors.js'
import { dateTime, plural, terminalWidth } from '../ui/format.js'
import { renderTable } from '../ui/table.js'

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
    const services = (await reader.services({ removed: true })).filter(filter).filter(isWanted(options))
    return list(reader, services, { ...period, open: options.open || undefined })
  })
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
  { title: 'SERVICE' },
  { title: 'START' },
  { title: 'END' },
  { title: 'DURATION', align: 'right' as const },
  { title: 'REASON' },
]

function print(listed: readonly Listed[], now: number): void {
  const rows = listed.map(({ name, start, end, reason }) => [
    name,
    dateTime(start),
    end === null ? { text: 'open', paint: colors.red } : dateTime(end),
    formatDuration((end ?? now) - start),
    reason,
  ])
  if (rows.length) for (const line of renderTable(COLUMNS, rows, terminalWidth(), colors.dim)) printLine(line)
  const open = listed.filter(({ end }) => end === null).length
  printLine(
    `${rows.length ? '\n' : ''}${plural(listed.length, 'downtime')}${open ? `, ${colors.red(`${open} open`)}` : ''}`,
  )
}
