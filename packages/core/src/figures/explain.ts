import type { Downtime, Gap, Interval, Maintenance, Reader, Run, ServiceRecord } from '../contracts.js'
import { all } from '../kit/all.js'
import { baseOf, observedOf } from './availability.js'
import type { SlaRow } from './figures.js'
import { intersect, measure, type Spans, spansOf, subtract } from './spans.js'
import { isExcluded } from './survey.js'

/** A piece of the period, and what it counts as. The pieces lie in order and leave nothing out. */
export interface ExplainedSpan {
  readonly start: number
  readonly end: number
  readonly as: 'up' | 'down' | 'unobserved' | 'maintenance' | 'not-monitored'
  readonly because: string
}

/** A downtime of the period, and what of it was counted. */
export interface ExplainedDowntime extends Downtime {
  readonly countedMs: number
  /** Why that is not all of it. */
  readonly notes: readonly string[]
}

/** A figure, and everything that it was made of. */
export interface Explanation {
  /** Computed now. */
  readonly row: SlaRow
  /** The latest frozen version, where there is one. Until a fact that came late is taken up, it may differ. */
  readonly frozen: SlaRow | undefined
  /** Where the counting ended. */
  readonly until: number
  readonly spans: readonly ExplainedSpan[]
  readonly downtimes: readonly ExplainedDowntime[]
}

interface Question {
  readonly reader: Reader
  readonly record: ServiceRecord
  readonly row: SlaRow
  readonly frozen: SlaRow | undefined
  readonly until: number
}

type Cause = readonly [interval: Interval, because: string]

/** Tells the figure of one service piece by piece. */
export async function explain({ reader, record, row, frozen, until }: Question): Promise<Explanation> {
  const from = row.period.start
  const query = { services: [record.id], from, to: until }
  const clip = (intervals: readonly Interval[]) => spansOf(intervals, from, until)
  const runs: Run[] = await all(reader.runs({ from, to: until }))
  const gaps: Gap[] = await all(reader.gaps(query))
  const windows: Maintenance[] = await all(reader.maintenance(query))
  const downtimes: Downtime[] = await all(reader.downtimes(query))
  const monitored = clip(record.monitored)
  const ground = { ...baseOf(monitored, clip(runs), clip(windows)), gaps: clip(gaps) }
  const { active, maintenance } = ground
  const observed = observedOf(ground)
  const counted = downtimes.filter((downtime) => !isExcluded(downtime))
  const down = intersect(observed, clip(counted))
  const elapsed = clip([{ start: from, end: until }])
  const because = <T extends Interval>(list: readonly T[], tell: (item: T) => string): Cause[] =>
    list.map((item) => [item, tell(item)])
  const pieces = [
    ...assign('not-monitored', subtract(elapsed, monitored), [], 'the service was not monitored'),
    ...assign('maintenance', maintenance, because(windows, tellWindow), ''),
    ...assign('unobserved', subtract(active, observed), because(gaps, tellGap), 'no run of the monitor'),
    ...assign('down', down, because(counted, tellDowntime), ''),
    ...assign(
      'up',
      subtract(observed, down),
      because(runs, ({ id }) => `run ${id}`),
      '',
    ),
  ]
  const spans = pieces.sort((a, b) => a.start - b.start)
  const explained = downtimes.map((downtime) => explainDowntime(downtime, spans, { from, until, observed }))
  return { row, frozen, until, spans, downtimes: explained }
}

const tellWindow = ({ window, reason, author }: Maintenance) =>
  `maintenance ${window}: ${reason}${author ? ` (${author})` : ''}`
const tellGap = ({ reason }: Gap) => `gap: ${reason}`
const tellDowntime = ({ id, reason }: Downtime) => `downtime ${id}: ${reason}`

/** Each moment of a set goes to the first cause that holds it. */
function assign(
  as: ExplainedSpan['as'],
  set: Spans,
  causes: readonly Cause[],
  otherwise: string,
): ExplainedSpan[] {
  const found: ExplainedSpan[] = []
  const take = (spans: Spans, because: string) => {
    for (let i = 0; i < spans.length; i += 2)
      found.push({ start: spans[i]!, end: spans[i + 1]!, as, because })
  }
  let rest = set
  for (const [{ start, end }, because] of causes) {
    const span = [start, Math.max(start, end ?? Infinity)]
    take(intersect(rest, span), because)
    rest = subtract(rest, span)
  }
  take(rest, otherwise)
  return found
}

interface Counted {
  readonly from: number
  readonly until: number
  readonly observed: Spans
}

function explainDowntime(
  downtime: Downtime,
  spans: readonly ExplainedSpan[],
  { from, until, observed }: Counted,
): ExplainedDowntime {
  const { start, end, corrections } = downtime
  const own = tellDowntime(downtime)
  const mine = spans.filter(({ as, because }) => as === 'down' && because === own)
  const countedMs = mine.reduce((ms, span) => ms + span.end - span.start, 0)
  const last = corrections.at(-1)
  const inside = spansOf([downtime], from, until)
  const excluded = last?.exclude ? [`excluded by ${last.author}: ${last.reason}`] : []
  const notes = [
    ...excluded,
    ...(start < from ? ['clipped: it began before the period'] : []),
    ...(end === null ? ['it goes on'] : end > until ? ['clipped: it ended after the period'] : []),
    ...(measure(intersect(inside, observed)) < measure(inside)
      ? ['a part was not observed, or in maintenance']
      : []),
    ...(last && !last.exclude ? [`included again by ${last.author}: ${last.reason}`] : []),
  ]
  return { ...downtime, countedMs, notes }
}
