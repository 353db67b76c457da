import { messageOf, UptimeError } from '@uptimeserver/core'
import { warn } from '../output.js'
import { ask, askPatiently, type Reply } from '../socket/client.js'
import { readEntries } from '../socket/entries.js'
import { findSocket, type SocketOptions } from '../socket/find.js'
import { type Ended, runCommand } from '../socket/job.js'
import { type Listed, sayCounts, sayError, sayList, show } from '../socket/show.js'
import { parseTime } from '../time.js'
import { plural } from '../ui/format.js'
import { printLine } from '../ui/print.js'

export interface SetOptions extends SocketOptions {
  readonly owner?: string
}

export interface WhichOptions extends SetOptions {
  readonly kind?: string
  readonly category?: string
}

export interface ReportOptions extends SocketOptions {
  readonly category?: string
  readonly reason?: string
  readonly at?: string
}

export type JobOptions = Pick<ReportOptions, 'socket' | 'config' | 'category' | 'json'>

/** `uptime socket put`, `replace`: entries as JSON, from the command line or standard input. */
export async function put(
  op: 'put' | 'replace',
  texts: readonly string[],
  options: SetOptions,
): Promise<void> {
  const services = await readEntries(texts)
  const { path } = await findSocket(options)
  show(await ask(path, { op, owner: options.owner, services }), options.json, sayCounts)
}

/** `uptime socket remove`: what fits all that is said. */
export async function remove(service: string | undefined, options: WhichOptions): Promise<void> {
  const which = whichOf(service, options)
  if (!Object.values(which).some((part) => part !== undefined))
    throw new UptimeError(
      'CONFIG_INVALID',
      'found nothing that says which, expected a service, --kind or --category',
    )
  const { path } = await findSocket(options)
  show(await ask(path, { op: 'remove', owner: options.owner, ...which }), options.json, ({ removed }) =>
    printLine(`${plural(Number(removed), 'service')} removed`),
  )
}

/** `uptime socket list`: all pages of it. */
export async function list(service: string | undefined, options: WhichOptions): Promise<void> {
  const { path } = await findSocket(options)
  const services: Listed[] = []
  let reply: Reply
  let after: unknown
  do {
    const which = { owner: options.owner, after, ...whichOf(service, options) }
    reply = await ask(path, { op: 'list', ...which })
    if (reply.ok) services.push(...(reply.services as Listed[]))
    after = reply.ok ? reply.next : null
  } while (after !== null)
  show(reply.ok ? { ...reply, services } : reply, options.json, () => sayList(services, Date.now()))
}

/** `uptime socket report`: how a heartbeat is. */
export async function report(service: string, status: 'up' | 'down', options: ReportOptions): Promise<void> {
  const { path, zone } = await findSocket(options)
  const at = options.at === undefined ? undefined : parseTime('--at', options.at, Date.now(), zone)
  const said = { status, at, reason: options.reason, ...whichOf(service, options) }
  show(await ask(path, { op: 'report', ...said }), options.json, (reply) => sayReport(service, reply))
}

function sayReport(service: string, { status, at, isLatest }: Readonly<Record<string, unknown>>): void {
  printLine(isLatest ? `${service} is ${status} since ${at}` : `a later report is known: ${status} at ${at}`)
}

/** `uptime socket ping`: who listens. */
export async function ping(options: SocketOptions): Promise<void> {
  const { path } = await findSocket(options)
  show(await ask(path, { op: 'ping' }), options.json, ({ pid, since, services }) =>
    printLine(
      `process ${pid} listens at ${path} since ${since}, with ${plural(Number(services), 'service')}`,
    ),
  )
}

/** `uptime socket run`: a command, which runs and ends as it would alone, whatever becomes of the report. */
export async function runJob(
  service: string,
  command: readonly string[],
  options: JobOptions,
): Promise<void> {
  const ended = await runCommand(command)
  if (ended.isNotRun) sayError(ended.reason!)
  await reportJob(service, ended, options).catch((error) => warn(`not reported: ${messageOf(error)}`))
  process.exitCode = ended.code
}

async function reportJob(service: string, { reason }: Ended, options: JobOptions): Promise<void> {
  const { path } = await findSocket(options)
  const status = reason === undefined ? 'up' : 'down'
  const request = { op: 'report', status, reason, ...whichOf(service, options) }
  const reply = await askPatiently(path, request)
  if (options.json || !reply.ok) show(reply, options.json, () => undefined)
}

const ID = /^[0-9a-f]{16}$/

/** What looks like an id is one. */
function whichOf(service: string | undefined, { kind, category }: Pick<WhichOptions, 'kind' | 'category'>) {
  const isId = service !== undefined && ID.test(service)
  return { id: isId ? service : undefined, name: isId ? undefined : service, kind, category }
}
