import { isSecret, type Secret } from '@uptimeserver/core'
import { secretText } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import { URI_EXPECTED, uriProblem } from './uri.js'

/** The schema of a URI, which may be secret: what is wrong with it is told without repeating it. */
export const mongoUri = v.pipe(
  secretText,
  v.custom<string | Secret>(
    (value) => problemOf(value) === undefined,
    ({ input }) => problemOf(input) ?? URI_EXPECTED,
  ),
)

/** One that cannot be had is told as such elsewhere. */
function problemOf(value: unknown): string | undefined {
  if (!isSecret(value)) return uriProblem(String(value))
  return value.problem === undefined ? uriProblem(value.reveal()) : undefined
}
