import { resolve } from 'node:path'
import type { JournalReport } from '@uptimeserver/core'
import type { CommonOptions } from '../filter.js'
import { loadResolved } from '../load-config.js'
import { printJson } from '../output.js'
import { nameOf } from '../standing.js'
import { bold, dim, yellow } from '../ui/colors.js'
import { grouped, plural } from '../ui/format.js'
import type { Cell } from '../ui/line.js'
import { printLine, printTable } from '../ui/print.js'
import {
  downtimeIn,
  fileJson,
  kindsIn,
  readWaiting,
  serviceIn,
  sinceOf,
  type Waiting,
  WHY_REFUSED,
  writerOf,
} from '../waiting.js'
import { ZonedTimes } from '../zoned.js'

export interface JournalCommandOptions extends Pick<CommonOptions, 'config' | 'json'> {
  readonly facts?: boolean
}

/** `uptime journal`: facts that no storage has taken yet. Reads files, and opens no storage. */
export async function journal(options: JournalCommandOptions): Promise<void> {
  const { config, folder: base } = await loadResolved(options.config)
  const { folder } = config.journal
  const path = folder === undefined ? null : resolve(base, folder)
  const waiting = path === null ? { files: [], setAside: [] } : await readWaiting(path)
  const { files, setAside } = waiting
  const withFacts = Boolean(options.facts)
  if (options.json)
    printJson({ folder: path, files: files.map((file) => fileJson(file, withFacts)), setAside })
  else if (path === null) printLine('this config has no journal.folder: facts that wait are in memory only')
  else print(waiting, path, withFacts, new ZonedTimes(config.zone))
}

const COLUMNS = [
  { title: 'FILE', least: 12 },
  { title: 'INSTANCE', least: 8, drop: 2 },
  { title: 'MONITOR', least: 8, drop: 1 },
  { title: 'STATE' },
  { title: 'FACTS', align: 'right' as const },
  { title: 'SINCE', drop: 4 },
  { title: 'KINDS', least: 10, drop: 3 },
]

function print({ files, setAside }: Waiting, path: string, withFacts: boolean, times: ZonedTimes): void {
  printTable(
    COLUMNS,
    files.map((file) => rowOf(file, times)),
  )
  if (withFacts) for (const file of files) printFacts(file, times)
  for (const file of files) printTrouble(file)
  for (const name of setAside)
    printLine(yellow(name), ': a copy of a journal of which not everything could be read, kept for people')
  const waiting = files.filter(({ isRefused }) => !isRefused)
  const count = waiting.reduce((sum, { facts }) => sum + facts.length, 0)
  printLine(
    count ? yellow(`${plural(count, 'fact')} ${count === 1 ? 'waits' : 'wait'}`) : 'nothing waits',
    ` in ${path}`,
  )
  if (count)
    printLine(
      dim('delivered as soon as the storage takes them, or by the next monitor that leads with this folder'),
    )
}

function rowOf(file: JournalReport, times: ZonedTimes): Cell[] {
  const [since, writer] = [sinceOf(file), writerOf(file)]
  const kinds = Object.entries(kindsIn(file)).map(([type, count]) => `${grouped(count)} ${type}`)
  return [
    ...[file.file, writer ? nameOf(writer) : 'unknown', file.header?.monitor ?? 'unknown'],
    file.isRefused ? yellow('refused') : file.damaged ? yellow('damaged') : 'waits',
    ...[grouped(file.facts.length), since === null ? '' : times.full(since), dim(kinds.join(', '))],
  ]
}

/** What keeps facts of a file from being delivered. */
function printTrouble({ file, isRefused, header, damaged }: JournalReport): void {
  if (isRefused) printLine(yellow(file), `: ${WHY_REFUSED}`)
  if (damaged) printLine(yellow(file), `: ${plural(damaged, 'line')} torn or damaged, or just being written`)
  if (!header) printLine(yellow(file), ': it does not say any more whose it is, so nobody delivers it')
}

const FACT_COLUMNS = [
  { title: 'TIME' },
  { title: 'TYPE' },
  { title: 'SERVICE', drop: 2 },
  { title: 'DOWNTIME', drop: 3 },
  { title: 'REASON', least: 12, drop: 1 },
]

function printFacts({ file, facts }: JournalReport, times: ZonedTimes): void {
  const rows = facts.map((fact) => [
    ...[times.full(fact.at), fact.type, serviceIn(fact) ?? '', downtimeIn(fact) ?? ''],
    'reason' in fact ? fact.reason : '',
  ])
  printLine(bold(file))
  printTable(FACT_COLUMNS, rows)
}
