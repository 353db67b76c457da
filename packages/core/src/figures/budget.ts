import type { Objective } from '../contracts.js'
import type { Figure, SlaRow } from './figures.js'

/** The objective of a service or category: its own, its category's, that of everything; `null` where there is none. */
export function objectiveFor(
  subject: { readonly objective?: number | undefined; readonly category?: string | undefined },
  objective: Objective | undefined,
): number | null {
  if (subject.objective !== undefined) return subject.objective
  if (typeof objective === 'number') return objective
  const { categories = {}, default: everything = null } = objective ?? {}
  const own = subject.category !== undefined && Object.hasOwn(categories, subject.category)
  return own ? categories[subject.category!]! : everything
}

export type Budget = Pick<SlaRow, 'budgetMs' | 'budgetLeftMs' | 'budgetLeft' | 'budgetUsedUpAt'>

const NONE: Budget = { budgetMs: null, budgetLeftMs: null, budgetLeft: null, budgetUsedUpAt: null }

/**
 * The error budget of a period: how much of its time may be down before the objective is missed, in whole ms. Of a
 * period that goes on, the rest is expected to be observed.
 *
 *     budget = (100 − objective) % × (counted time + what is left of the period)
 *
 * Source: Site Reliability Engineering (Beyer et al., 2016), chapter 3, "Motivation for Error Budgets".
 *
 * @param services whose times the figure is the sum of
 */
export function budgetOf(
  { countedMs, downMs, elapsedMs }: Pick<Figure, 'countedMs' | 'downMs' | 'elapsedMs'>,
  { start, end }: { readonly start: number; readonly end: number },
  objective: number | null,
  services = 1,
): Budget {
  if (objective === null) return NONE
  const now = start + elapsedMs
  const whole = countedMs + services * (end - now)
  // 100 - 99.9 is 0.09999999999999432 in binary; no objective has that many digits.
  const share = Math.round((100 - objective) * 1e9) / 1e9
  const budgetMs = Math.floor((whole * share) / 100)
  const budgetLeftMs = budgetMs - downMs
  return {
    budgetMs,
    budgetLeftMs,
    budgetLeft: budgetMs > 0 ? (100 * budgetLeftMs) / budgetMs : null,
    budgetUsedUpAt: usedUpAt(now, end, budgetLeftMs, (services * downMs) / countedMs),
  }
}

function usedUpAt(now: number, end: number, leftMs: number, rate: number): number | null {
  if (!(rate > 0) || leftMs < 0) return null
  const at = Math.floor(now + leftMs / rate)
  return at < end ? at : null
}
