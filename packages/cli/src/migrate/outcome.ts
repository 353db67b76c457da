import type { Comparison } from './compare.js'
import type { Plan } from './plan.js'
import type { Target } from './target.js'

/** What a migration did, or would do. */
export interface Outcome {
  readonly plan: Plan
  /** The record before. */
  readonly target: Target
  readonly comparison: Comparison
  readonly written: boolean
  /** How many facts are new to the record. */
  readonly facts: number
}
