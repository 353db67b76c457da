import { formatProblem } from '@uptimeserver/core/kit'
import { printJson, warn } from '../output.js'
import { cleanLines } from '../ui/clean.js'
import { colorsFor, red, yellow } from '../ui/colors.js'
import { ago, plural } from '../ui/format.js'
import type { Cell } from '../ui/line.js'
import { printLine, printTable } from '../ui/print.js'
import type { Reply } from './client.js'

const EXIT_REFUSED = 1

/** Prints a reply, for people by `say`, and says by the exit code whether it is a refusal. */
export function show(
  reply: Reply,
  isJson: boolean | undefined,
  say: (reply: Reply & { ok: true }) => void,
): void {
  if (!reply.ok) process.exitCode = EXIT_REFUSED
  if (isJson) return printJson(reply)
  if (!reply.ok) return refuse(reply)
  say(reply)
  if (reply.kept === false) warn(`it holds, but would not outlive a restart of the monitor: ${reply.why}`)
}

function refuse({ problems, more }: Reply & { ok: false }): void {
  const lines = problems.map((problem) => `- ${formatProblem(problem)}`)
  if (more) lines.push(`- and ${more} more`)
  sayError(`refused:\n${lines.join('\n')}`)
}

export function sayError(message: string): void {
  const { red } = colorsFor(process.stderr)
  process.stderr.write(`${red('error')} ${cleanLines(message)}\n`)
}

export function sayCounts({ added, changed, same, removed }: Readonly<Record<string, unknown>>): void {
  const counts = [`${added} added`, `${changed} changed`, `${same} as before`]
  printLine([...counts, ...(removed ? [`${removed} removed`] : [])].join(', '))
}

/** What `list` tells of one. */
export interface Listed {
  readonly id: string
  readonly owner: string
  readonly kind: string
  readonly name: string
  readonly category: string | null
  readonly report?: { readonly status: 'up' | 'down'; readonly at: string; readonly reason?: string } | null
  readonly problems?: readonly unknown[]
}

const COLUMNS = [
  { title: 'NAME', least: 8 },
  { title: 'KIND', drop: 3 },
  { title: 'CATEGORY', drop: 2 },
  { title: 'OWNER', drop: 4 },
  { title: 'REPORT', least: 8 },
  { title: 'ID', drop: 1 },
]

export function sayList(services: readonly Listed[], now: number): void {
  const rows = services.map((service): Cell[] => {
    const { id, owner, kind, name, category } = service
    return [name, kind, category ?? '', owner, reportCell(service, now), id]
  })
  printTable(COLUMNS, rows)
  printLine(plural(services.length, 'service'))
}

function reportCell({ report, problems }: Listed, now: number): Cell {
  if (problems) return yellow('cannot be made')
  if (report === undefined) return ''
  if (report === null) return 'none yet'
  const { status, at, reason } = report
  const said = `${status} ${ago(Date.parse(at), now)} ago${reason ? `: ${reason}` : ''}`
  return status === 'down' ? red(said) : said
}
