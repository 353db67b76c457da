import {
  correctDowntime,
  createReports,
  formatDuration,
  type ReportedDowntime,
  UptimeError,
} from '@uptimeserver/core'
import { authorOf } from '../author.js'
import { restateNow } from '../consolidate.js'
import { type CommonOptions, createFilter } from '../filter.js'
import { withReader, withWriter } from '../open-storage.js'
import { printJson, warn } from '../output.js'
import { downtimeJson } from '../records-json.js'
import { parseTime } from '../time.js'
import { dim, green, red, yellow } from '../ui/colors.js'
import { plural } from '../ui/format.js'
import type { Cell } from '../ui/line.js'
import { printLine, printTable, terminalWidth } from '../ui/print.js'
import { ZonedTimes } from '../zoned.js'

export interface DowntimesOptions extends CommonOptions {
  readonly from?: string
  readonly to?: string
  readonly open?: boolean
  readonly removed?: boolean
}

/** `uptime downtimes`: the outages on record, oldest first, and what of them counts. */
export async function downtimes(words: readonly string[], options: DowntimesOptions): Promise<void> {
  const now = Date.now()
  const filter = createFilter(words, options)
  const { listed, times } = await withReader(options.config, async (reader, { zone }) => {
    const timeOf = (option: string, text: string | undefined) =>
      text === undefined ? undefined : parseTime(option, text, now, zone)
    const period = { from: timeOf('--from', options.from), to: timeOf('--to', options.to) }
    const { open, removed } = options
    insistOnOrder(period, zone)
    const query = { ...period, open: open || undefined, removed, filter }
    return { listed: await createReports(reader).downtimes(query), times: new ZonedTimes(zone) }
  })
  const missed = filter.nothingChosen()
  if (missed) warn(missed)
  if (options.json) printJson(listed.map((downtime) => downtimeJson(downtime, now)))
  else print(listed, times, now)
}

function insistOnOrder(
  { from, to }: { from?: number | undefined; to?: number | undefined },
  zone: string,
): void {
  if (from === undefined || to === undefined || from < to) return
  const times = new ZonedTimes(zone)
  const found = `--to: found ${times.full(to)}, expected a time after --from (${times.full(from)})`
  throw new UptimeError('PERIOD_INVALID', found)
}

export interface CorrectionOptions extends Pick<CommonOptions, 'config' | 'json'> {
  readonly reason?: string
  readonly author?: string
}

/** `uptime downtimes exclude` and `include`: a later word about a downtime, which stays on record with the first. */
export async function correct(id: string, exclude: boolean, options: CorrectionOptions): Promise<void> {
  const word = { exclude, reason: options.reason ?? 'included again', author: authorOf(options.author) }
  await withWriter(options.config, async (storage, config) => {
    await correctDowntime(storage, id, word)
    const restated = await restateNow(storage, config)
    const [downtime] = await createReports(storage).downtimes({ ids: [id], removed: true })
    if (options.json) return printJson(downtimeJson(downtime!, Date.now()))
    const does = exclude ? 'does not count any more' : 'counts again'
    printLine(
      green('recorded'),
      ` ${id} of ${downtime!.name} ${does}: ${word.reason} (${word.author}); ${restated}`,
    )
  })
}

const COLUMNS = [
  { title: 'SERVICE', least: 8 },
  { title: 'START', drop: 4 },
  { title: 'END', drop: 2 },
  { title: 'DURATION', align: 'right' as const },
  { title: 'REASON', least: 16, drop: 3 },
  { title: 'ID', drop: 1 },
]
/** Below this, times are shown without their zone, so that there is room for the reason. */
const ROOMY = 125

function print(listed: readonly ReportedDowntime[], times: ZonedTimes, now: number): void {
  const isRoomy = terminalWidth() >= ROOMY
  const time = (ms: number) => (isRoomy ? times.full(ms) : times.local(ms))
  const rows = listed.map(({ id, name, start, end, ...downtime }) => [
    name,
    time(start),
    end === null ? red('open') : time(end),
    // The sign says that it goes on, also where there is no room for the end.
    end === null ? `${formatDuration(now - start)}+` : formatDuration(end - start),
    reasonCell(downtime),
    dim(id),
  ])
  printTable(COLUMNS, rows)
  const open = listed.filter(({ end }) => end === null).length
  const excluded = listed.filter((downtime) => downtime.excluded).length
  printLine(
    plural(listed.length, 'downtime'),
    ...(open ? [', ', red(`${open} open`)] : []),
    ...(excluded ? [', ', yellow(`${excluded} excluded`)] : []),
  )
}

/** What was said later stands in front: it decides whether the rest counts. */
function reasonCell({ reason, correction }: Pick<ReportedDowntime, 'reason' | 'correction'>): Cell {
  if (!correction) return reason
  const { exclude, author, reason: why } = correction
  const what = exclude ? 'excluded' : 'included again'
  const text = `${what} by ${author}: ${why} · ${reason}`
  return exclude ? yellow(text) : text
}
