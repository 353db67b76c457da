import { availability, formatDuration, type Range, type ServiceFacts } from '@uptimeserver/core'
import { type Ancestor, type Document, type FigureUnit, idOf, momentOf } from './documents.js'
import type { OldDowntime } from './downtimes.js'
import { ownersOf, type Plan } from './plan.js'
import { type Carried, watchOf } from './service-plan.js'

/** One figure of the ancestor's beside ours of the same time, from the same facts. */
export interface Difference {
  readonly service: ServiceFacts
  readonly unit: FigureUnit
  readonly period: Range
  /** Percent. */
  readonly theirs: number
  readonly ours: number | null
  /** Ours less theirs, in percentage points; `null` where we have none. */
  readonly points: number | null
  readonly because: string
}

export interface Comparison {
  readonly compared: number
  /** Figures of what is not carried, and documents that are no figures. */
  readonly skipped: number
  /** The largest first. */
  readonly different: readonly Difference[]
}

const DAY = 86_400_000
/** Of binary fractions, in percentage points. */
const NOISE = 1e-6

/** Compares every figure that the ancestor made static. None of them is carried: ours are counted anew. */
export function compareFigures({ figures }: Ancestor, plan: Plan, now: number): Comparison {
  const owners = ownersOf(plan.services)
  const services = new Map(plan.services.map((service) => [service.facts.id, service]))
  const different: Difference[] = []
  let [compared, skipped] = [0, 0]
  for (const unit of ['day', 'week', 'month'] as const) {
    for (const document of figures[unit]) {
      const service = services.get(owners.get(idOf(document._id_uptime)) ?? '')
      const figure = service && readFigure(document, unit, now)
      if (!figure) skipped++
      else {
        compared++
        const difference = compareOne(service, { ...figure, unit }, plan, now)
        if (difference) different.push(difference)
      }
    }
  }
  const size = ({ points }: Difference) => (points === null ? Infinity : Math.abs(points))
  return { compared, skipped, different: different.sort((a, b) => size(b) - size(a)) }
}

interface OldFigure {
  readonly unit: FigureUnit
  readonly period: Range
  readonly theirs: number
}

function readFigure(
  { date, sla }: Document,
  unit: FigureUnit,
  now: number,
): Omit<OldFigure, 'unit'> | undefined {
  const start = momentOf(date, now)
  if (typeof start === 'string' || typeof sla !== 'number' || !Number.isFinite(sla)) return undefined
  return { period: { start, end: start + lengthOf(unit, start) }, theirs: sla }
}

/** What it counts: 24 hours a day in any zone, also when the clocks change, from a midnight of its own zone. */
function lengthOf(unit: FigureUnit, start: number): number {
  if (unit !== 'month') return unit === 'day' ? DAY : 7 * DAY
  const middle = new Date(start + 15 * DAY)
  return DAY * new Date(Date.UTC(middle.getUTCFullYear(), middle.getUTCMonth() + 1, 0)).getUTCDate()
}

function compareOne(
  service: Carried,
  { unit, period, theirs }: OldFigure,
  { runs }: Plan,
  now: number,
): Difference | undefined {
  const touches = ({ start, end }: OldDowntime) => start < period.end && (end ?? now) > period.start
  const told = service.told.filter(touches)
  const downtimes = service.downtimes.filter((each) => touches(each) && !service.excluded.includes(each.id))
  const facts = { monitored: [watchOf(service)], runs, downtimes }
  const { uptime: ours, observedMs, downMs } = availability(period, facts, now)
  const points = ours === null ? null : ours - theirs
  // It cuts each downtime to whole seconds.
  const cut = (100 * 1000 * told.length) / (period.end - period.start)
  if (points !== null && Math.abs(points) <= cut + NOISE) return undefined
  const because = becauseOf(period, { observedMs, downMs, toldMs: sumOf(told, period, now) })
  return { service: service.facts, unit, period, theirs, ours, points, because }
}

function becauseOf(
  { start, end }: Range,
  { observedMs, downMs, toldMs }: { observedMs: number; downMs: number; toldMs: number },
): string {
  const length = end - start
  if (observedMs < length) return `${formatDuration(observedMs)} of ${formatDuration(length)} were observed`
  if (toldMs > downMs) return 'downtimes overlap or are excluded, and it added them up'
  return 'its downtimes are not those that it was made of'
}

/** What downtimes come to when each is taken for itself. */
function sumOf(downtimes: readonly OldDowntime[], { start: from, end: to }: Range, now: number): number {
  return downtimes.reduce((sum, { start, end }) => sum + Math.min(end ?? now, to) - Math.max(start, from), 0)
}
