import { formatDuration, type ReportedDowntime, type ReportPeriod, type SlaRow } from '@uptimeserver/core'
import { isMissed, percent, policyText, titleOf } from '../figures/columns.js'
import { plural } from '../ui/format.js'
import { ZonedTimes } from '../zoned.js'
import type { ReportData } from './data.js'

/** `Month 2026-11 (Europe/Berlin)` */
export function periodName(period: ReportPeriod): string {
  const title = titleOf(period)
  return title.charAt(0).toUpperCase() + title.slice(1)
}

/** From when to when, and how far it has come. */
export function spanOf({ period, countedTo }: ReportData): string {
  const times = new ZonedTimes(period.zone)
  const span = `${times.short(period.start)} to ${times.short(period.end)}`
  return countedTo < period.end ? `${span}, counted to ${times.full(countedTo)}` : span
}

/** What is seen first: a few figures, and what each is. */
export function headlineOf({ services, downtimes }: ReportData): [value: string, name: string][] {
  const known = services.flatMap(({ uptime }) => uptime ?? [])
  const mean = known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null
  const judged = services.map(isMissed).filter((missed) => missed !== undefined)
  const met = judged.filter((missed) => !missed).length
  const downMs = services.reduce((sum, row) => sum + row.downMs, 0)
  const observed = services.reduce((sum, row) => sum + row.observedMs, 0)
  const active = services.reduce((sum, row) => sum + row.observedMs + row.unobservedMs, 0)
  const counted = downtimes.filter(({ observedMs }) => observedMs > 0).length
  return [
    [percent(mean), `mean uptime of ${plural(services.length, 'service')}`],
    ...(judged.length ? [[`${met} of ${judged.length}`, 'objectives met'] as [string, string]] : []),
    [String(counted), counted === 1 ? 'downtime counted' : 'downtimes counted'],
    [formatDuration(downMs), 'down in all'],
    [percent(active ? (100 * observed) / active : null), 'coverage of the monitored time'],
  ]
}

/** What was said of a downtime later, by whom and when. */
export function correctionOf({ correction }: ReportedDowntime, times: ZonedTimes): string {
  if (!correction) return ''
  const { exclude, reason, author, at } = correction
  return `${exclude ? 'Excluded' : 'Included again'} by ${author} on ${times.short(at)}: ${reason}`
}

export function servicesOf(ids: readonly string[] | undefined, names: ReadonlyMap<string, string>): string {
  return ids ? ids.map((id) => names.get(id) ?? id).join(', ') : 'all'
}

/** What one has to know to check the figures. */
export function notesOf(data: ReportData): [name: string, text: string][] {
  const { rules, services, period, monitor, downtimes } = data
  const notes: [string, string][] = [
    [
      'Uptime',
      '100 × (observed time − downtime) / observed time. Time is counted, in milliseconds, never checks.',
    ],
    ['Coverage', 'the share of the monitored time outside of maintenance in which the monitor was looking.'],
    ['Downtime', 'from the first failed check of a confirmed outage to the first good one.'],
    ['Policy', `${policyText(rules.policy)}.`],
    ['Rounding', 'figures are floored: what is shown is never more than what was.'],
    ['Time zone', `${period.zone}; days begin with their first instant there.`],
    ['Versions', versionsOf(services)],
    ['Record', `monitor “${monitor}”, report “${rules.name}”, up to entry ${asOf(services)} of its log.`],
  ]
  const excluded = downtimes.filter((downtime) => downtime.excluded).length
  const more: [string, string | undefined][] = [
    ['Monitored since', sinceOf(data)],
    ['Monitored until', untilOf(data)],
    ['Error budget', budgetOf(services, new ZonedTimes(period.zone))],
    [
      'Excluded',
      excluded ? `${plural(excluded, 'downtime')}, listed above with who said so and why.` : undefined,
    ],
  ]
  return [...notes, ...more.flatMap(([name, text]): [string, string][] => (text ? [[name, text]] : []))]
}

/** Services that were not there from the beginning: their figures are of a part of the period. */
function sinceOf({ services, monitored, period }: ReportData): string | undefined {
  const times = new ZonedTimes(period.zone)
  const late = services.flatMap(({ service = '', name }) => {
    const start = monitored.get(service)?.[0]?.start ?? period.start
    return start > period.start ? [`${name} ${times.short(start)}`] : []
  })
  return late.length ? `${listed(late)}; what was before counts as nothing.` : undefined
}

/** Services that are there no more, and were not to the end of the period. */
function untilOf({ services, monitored, period }: ReportData): string | undefined {
  const times = new ZonedTimes(period.zone)
  const gone = services.flatMap(({ service = '', name }) => {
    const end = monitored.get(service)?.at(-1)?.end ?? null
    return end !== null && end < period.end ? [`${name} ${times.short(end)}`] : []
  })
  return gone.length ? `${listed(gone)}; what came after counts as nothing.` : undefined
}

function budgetOf(services: readonly SlaRow[], times: ZonedTimes): string | undefined {
  if (!services.some(({ budgetMs }) => budgetMs !== null)) return undefined
  const what = 'what the objective allows to be down in the whole period'
  const used = services.flatMap(({ name, budgetUsedUpAt }) =>
    budgetUsedUpAt === null ? [] : [`${name} ${times.short(budgetUsedUpAt)}`],
  )
  return used.length ? `${what}. At the present rate it is used up: ${listed(used)}.` : `${what}.`
}

function listed(items: readonly string[]): string {
  const more = items.length - MOST_LISTED
  return more > 0 ? `${items.slice(0, MOST_LISTED).join(', ')} and ${more} more` : items.join(', ')
}

const MOST_LISTED = 10

function versionsOf(services: readonly SlaRow[]): string {
  const frozen = services.filter(({ version }) => version > 0)
  if (!frozen.length) return 'computed when this report was made; not frozen yet.'
  const restated = frozen.filter(({ version }) => version > 1)
  const first = `${frozen.length} of ${plural(services.length, 'figure')} frozen`
  const later = restated.map(
    ({ name, version, because = [] }) => `${name}: version ${version} (${because.join('; ')})`,
  )
  return later.length ? `${first}; restated: ${later.join(', ')}.` : `${first}, in the first version.`
}

function asOf(services: readonly SlaRow[]): number {
  return services.reduce((latest, row) => Math.max(latest, row.asOf), 0)
}
