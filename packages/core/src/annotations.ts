import { randomBytes } from 'node:crypto'
import { assertInstant } from './calendar/calendar.js'
import { systemClock } from './clock.js'
import type {
  Clock,
  Correction,
  Maintenance,
  MaintenanceSet,
  Range,
  ServiceRecord,
  ServiceSelector,
  Storage,
} from './contracts.js'
import { describe } from './describe.js'
import { UptimeError } from './errors.js'
import { wasMonitored } from './figures/rows.js'
import { formatProblem } from './problems.js'
import { selects } from './schema/selector.js'

const LONGEST_WORD = 500

/** Who says something, and why. Both are shown wherever it is. */
export interface Word {
  readonly reason: string
  readonly author: string
}

/** Agreed time that is recorded by hand, also for the past. */
export interface NewMaintenance extends Word {
  /** In ms since the epoch. */
  readonly start: number
  /** `null`: until it is ended. */
  readonly end: number | null
  /** For which services. Default: all, also those that come later. */
  readonly filter?: ServiceSelector | undefined
}

/**
 * Records agreed time. Needs no lease and works beside a running monitor; figures that it touches are restated by the next
 * consolidation.
 *
 * @throws UptimeError `CONFIG_INVALID` when reason or author is empty, `NOT_FOUND` when the filter chooses no service, `PERIOD_INVALID` when the end is not later than the
 * start, or one of them is no moment
 * @example
 * await addMaintenance(storage, { start, end, reason: 'new racks', author: 'ops', filter: { categories: ['shop'] } })
 */
export async function addMaintenance(
  storage: Storage,
  { start, end, reason, author, filter }: NewMaintenance,
  clock: Clock = systemClock,
): Promise<Maintenance> {
  insistOnWord({ reason, author }, 'maintenance')
  insistOnOrder(start, end)
  const services = filter && (await idsOf(storage, filter, { start, end: end ?? Number.POSITIVE_INFINITY }))
  const window = { window: freshId('m'), start, end, reason, author, ...(services && { services }) }
  await storage.record([statement(window, clock)])
  return window
}

/**
 * Ends a window now; one that has not begun never does.
 *
 * @throws UptimeError `NOT_FOUND` when there is none of this id, or it is over
 */
export async function endMaintenance(
  storage: Storage,
  window: string,
  clock: Clock = systemClock,
): Promise<Maintenance> {
  const now = Math.floor(clock.now())
  for await (const known of storage.maintenance({ ids: [window] })) {
    if (known.end !== null && known.end <= now) throw isOver(window, known.end)
    const ended = { ...known, end: Math.max(known.start, now) }
    await storage.record([statement(ended, clock)])
    return ended
  }
  throw notFound('maintenance window', window, '`uptime maintenance list` shows their ids')
}

/**
 * Says that a downtime does not count, or that it does again. The latest word holds; none is ever taken back.
 *
 * @throws UptimeError `NOT_FOUND`; `CONFIG_INVALID` when reason or author is empty
 * @example
 * await correctDowntime(storage, 'c2f1a7e09d-1f', { exclude: true, reason: 'our own firewall', author: 'ops' })
 */
export async function correctDowntime(
  storage: Storage,
  downtime: string,
  { exclude, reason, author }: Word & { readonly exclude: boolean },
  clock: Clock = systemClock,
): Promise<Correction> {
  insistOnWord({ reason, author }, 'a correction')
  for await (const { id } of storage.downtimes({ ids: [downtime] })) {
    const at = Math.floor(clock.now())
    const correction: Correction = {
      ...{ type: 'correction', id: freshId('c'), at },
      ...{ downtime: id, exclude, reason, author },
    }
    await storage.record([correction])
    return correction
  }
  throw notFound('downtime', downtime, '`uptime downtimes` shows their ids')
}

function statement(window: Maintenance, clock: Clock): MaintenanceSet {
  return { type: 'maintenance', id: freshId('p'), at: Math.floor(clock.now()), ...window }
}

/** Those that are meant, also ones that were removed since. */
async function idsOf(storage: Storage, filter: ServiceSelector, time: Range): Promise<string[]> {
  const all = await storage.services({ removed: true })
  const services = all.filter((service) => isOpen(service) || wasMonitored(service, time))
  const chosen = services.filter((service) => selects(filter, service)).map(({ id }) => id)
  if (chosen.length) return chosen
  throw new UptimeError(
    'NOT_FOUND',
    `none of ${services.length} services is meant; \`uptime status\` shows them`,
  )
}

/** What a customer reads must not be empty, nor a book. */
function insistOnWord(word: Word, where: string): void {
  for (const [path, text] of [
    ['reason', word.reason],
    ['author', word.author],
  ] as const) {
    if (text.trim() && text.length <= LONGEST_WORD) continue
    const found = text.trim() ? `${text.length} characters` : describe(text)
    const problem = { path, found, expected: `a text of 1 to ${LONGEST_WORD} characters` }
    throw new UptimeError('CONFIG_INVALID', formatProblem(problem, where), { problems: [problem] })
  }
}

function isOpen({ monitored }: ServiceRecord): boolean {
  return monitored.at(-1)?.end === null
}

function insistOnOrder(start: number, end: number | null): void {
  assertInstant(start)
  if (end !== null) assertInstant(end)
  if (end === null || end > start) return
  const [from, to] = [start, end].map((time) => new Date(time).toISOString())
  const problem = { path: '', found: `an end at ${to}`, expected: `one later than the start at ${from}` }
  throw new UptimeError('PERIOD_INVALID', formatProblem(problem, 'maintenance'))
}

function isOver(window: string, end: number): UptimeError {
  const since = new Date(end).toISOString()
  return new UptimeError('NOT_FOUND', `maintenance ${window} is over since ${since}; it changes no more`)
}

function notFound(what: string, id: string, mend: string): UptimeError {
  return new UptimeError('NOT_FOUND', `there is no ${what} ${describe(id)}; ${mend}`)
}

/** Short enough to be typed. */
function freshId(kind: 'm' | 'c' | 'p'): string {
  return `${kind}${randomBytes(kind === 'm' ? 4 : 8).toString('hex')}`
}
