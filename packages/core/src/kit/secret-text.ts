import * as v from 'valibot'
import { isSecret, type Secret } from '../secret.js'

/** The schema of a text that may be secret. */
export const secretText = v.custom<string | Secret>(
  (value) => typeof value === 'string' || isSecret(value),
  `a text, or secret.env('NAME')`,
)
