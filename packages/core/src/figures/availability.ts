import type { Interval } from '../contracts.js'
import { intersect, measure, type Spans, spansOf, subtract } from './spans.js'

/** What is on record of one service. Intervals may overlap, touch, be empty, reversed or open, in any order. */
export interface Facts {
  /** When the service was under watch. */
  readonly monitored: readonly Interval[]
  /** When its monitor ran: from the start of a run to its last proof of life. */
  readonly runs: readonly Interval[]
  /** When it was not looked at although the monitor ran. */
  readonly gaps?: readonly Interval[]
  /** Hard failures that no correction excludes. */
  readonly downtimes: readonly Interval[]
  /** Agreed time. */
  readonly maintenance?: readonly Interval[]
}

/** How time is accounted for that is neither known to be up nor known to be down. */
export interface Policy {
  /** Time that nobody observed. Default `exclude`: it counts as nothing. */
  readonly unobserved?: 'exclude' | 'up' | 'down'
  /** Agreed time. Default `exclude`. */
  readonly maintenance?: 'exclude' | 'up' | 'down'
}

export interface Availability {
  /** Of the period, what has passed at `now`. */
  readonly elapsedMs: number
  /** Of that, what was monitored, observed by a run, in no gap and in no maintenance. Whatever the policy. */
  readonly observedMs: number
  /** What counts as down: known downtime within observed time, and what the policy says is down. */
  readonly downMs: number
  /** Monitored time within maintenance. */
  readonly maintenanceMs: number
  /** Percent, not rounded; `null` where nothing counts, which is neither 0 nor 100. */
  readonly uptime: number | null
  /** Percent of the monitored time outside of maintenance that was observed; `null` where there is none. */
  readonly coverage: number | null
}

/**
 * The availability of one service in a period, exact to the millisecond.
 *
 *     observed = period ∩ monitored ∩ runs − gaps − maintenance, up to now
 *     down     = downtimes ∩ observed
 *     uptime   = 100 × (observed − down) / observed
 *     coverage = 100 × observed / (period ∩ monitored − maintenance, up to now)
 *
 * Time is counted, never checks (ITU-T E.800: availability is the share of time in an up state). Where the policy counts
 * further time, each millisecond is what comes first of: maintenance, unobserved, down, up.
 *
 * @param period ms since the epoch, half-open.
 * @param now where open intervals end, in ms since the epoch.
 * @example
 * const day = { start: 0, end: 86_400_000 }
 * const always = [{ start: 0, end: null }]
 * availability(day, { monitored: always, runs: always, downtimes: [{ start: 0, end: 86_400 }] }, day.end).uptime // 99.9
 */
export function availability(
  period: { readonly start: number; readonly end: number },
  facts: Facts,
  now: number,
  policy: Policy = {},
): Availability {
  const until = Math.min(period.end, now)
  const clip = (intervals: readonly Interval[] = []) => spansOf(intervals, period.start, until)
  const { monitored, runs, gaps, maintenance: windows, downtimes } = facts
  const ground = { ...baseOf(clip(monitored), clip(runs), clip(windows)), gaps: clip(gaps) }
  const observed = observedOf(ground)
  const down = intersect(observed, clip(downtimes))
  const sums = {
    activeMs: measure(ground.active),
    observedMs: measure(observed),
    downMs: measure(down),
    maintenanceMs: measure(ground.maintenance),
  }
  const { observedMs, maintenanceMs } = sums
  const elapsedMs = Math.max(0, until - period.start)
  const { downMs, uptime, coverage } = accountFor(sums, policy)
  return { elapsedMs, observedMs, downMs, maintenanceMs, uptime, coverage }
}

/** What can count at all of a stretch of time, as far as services may share it. */
export interface Base {
  /** Monitored, outside of maintenance. */
  readonly active: Spans
  /** Monitored, within maintenance. */
  readonly maintenance: Spans
  /** The part of `active` in which the monitor ran. */
  readonly lit: Spans
}

/** The same for one service: what is lit was observed, but for its gaps. */
export interface Ground extends Base {
  readonly gaps: Spans
}

export function baseOf(monitored: Spans, runs: Spans, windows: Spans): Base {
  const active = subtract(monitored, windows)
  return { active, maintenance: intersect(monitored, windows), lit: intersect(active, runs) }
}

export function observedOf({ lit, gaps }: Ground): Spans {
  return subtract(lit, gaps)
}

/** Milliseconds that add up over neighbouring stretches of time. `downMs` is known downtime alone. */
export interface Sums {
  readonly activeMs: number
  readonly observedMs: number
  readonly downMs: number
  readonly maintenanceMs: number
}

/** What counts, under a policy. */
export interface Account {
  /** What the uptime is a share of: observed time, and what the policy adds to it. */
  readonly countedMs: number
  readonly downMs: number
  readonly uptime: number | null
  readonly coverage: number | null
}

/** The one division, at the end. */
export function accountFor(sums: Sums, { unobserved, maintenance }: Policy): Account {
  const { activeMs, observedMs, maintenanceMs } = sums
  const unobservedMs = activeMs - observedMs
  const downMs =
    sums.downMs + (unobserved === 'down' ? unobservedMs : 0) + (maintenance === 'down' ? maintenanceMs : 0)
  const countedMs =
    observedMs + (isCounted(unobserved) ? unobservedMs : 0) + (isCounted(maintenance) ? maintenanceMs : 0)
  return {
    countedMs,
    downMs,
    uptime: share(countedMs - downMs, countedMs),
    coverage: share(observedMs, activeMs),
  }
}

function isCounted(rule: Policy['unobserved']): boolean {
  return rule === 'up' || rule === 'down'
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? (100 * part) / whole : null
}
