import * as v from 'valibot'
import type { Logger, ServiceFacts, ServiceSelector } from '../contracts.js'
import { titleOf } from '../describe.js'
import { reasonOf } from '../outcome.js'
import { text } from './options.js'

/** Whether a selector chooses a service; none chooses all. Throws what a function of the user's throws. */
export function selects(selector: ServiceSelector | undefined, facts: ServiceFacts): boolean {
  if (selector === undefined) return true
  if (typeof selector === 'function') return selector(facts) === true
  const { names, ids, kinds, categories, labels = {} } = selector
  return (
    fits(names, facts.name) &&
    fits(ids, facts.id) &&
    fits(kinds, facts.kind) &&
    fits(categories, facts.category) &&
    Object.entries(labels).every(([name, value]) => facts.labels?.[name] === value)
  )
}

/** The services that a selector chooses. One that it cannot be asked about holds no other up. */
export function choose<T extends ServiceFacts>(
  services: readonly T[],
  selector: ServiceSelector | undefined,
  log: Logger,
): T[] {
  return services.filter((service) => {
    try {
      return selects(selector, service)
    } catch (error) {
      log.error(`the filter failed for ${titleOf(service)}: ${reasonOf(error)}`)
      return false
    }
  })
}

function fits(wanted: readonly string[] | undefined, value: string | undefined): boolean {
  return !wanted || (value !== undefined && wanted.includes(value))
}

/** An empty list would choose nothing, which nobody means. */
const texts = v.optional(
  v.pipe(
    v.array(text(2000), 'a list of texts'),
    v.nonEmpty('at least one text; leave the key out to choose all'),
  ),
)

const traits = v.strictObject({
  names: texts,
  ids: texts,
  kinds: texts,
  categories: texts,
  labels: v.optional(v.record(text(200), v.string('a text'))),
})

const isFunction = v.custom<(service: ServiceFacts) => boolean>(
  (value) => typeof value === 'function',
  'a function',
)

/** The schema of {@link ServiceSelector}. */
export const serviceSelector = v.lazy((value) => (typeof value === 'function' ? isFunction : traits))
