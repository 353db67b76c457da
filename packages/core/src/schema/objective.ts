import * as v from 'valibot'
import { percent, text } from './options.js'

const byCategory = v.strictObject({
  default: v.optional(percent),
  categories: v.optional(v.record(text(200), percent)),
})

/** The schema of {@link Objective}. */
export const objective = v.lazy((value) =>
  typeof value === 'object' && value !== null ? byCategory : percent,
)
