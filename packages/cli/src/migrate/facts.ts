import type { Event } from '@uptimeserver/core'
import { type OldDowntime, PREFIX } from './downtimes.js'
import type { Choices, Plan } from './plan.js'
import type { Carried } from './service-plan.js'
import type { Target } from './target.js'

/**
 * A plan as facts, each at its true time and under an id that it has whenever it is made again. What is carried already is
 * left out, but for a downtime that has come to its end since.
 */
export function factsOf({ services, runs }: Plan, target: Target, choices: Choices): Event[] {
  return [
    ...services.flatMap((service) => (target.services.has(service.facts.id) ? [] : added(service))),
    ...runs.map(alive),
    ...services.flatMap(({ downtimes, removed }) =>
      downtimes.flatMap((downtime) => downtimeFacts(downtime, target, removed)),
    ),
    ...services.flatMap((service) => corrections(service, target, choices)),
    ...services.flatMap((service) => removal(service, target)),
  ]
}

function added({ facts: service, start }: Carried): Event[] {
  return [{ type: 'service-added', id: `${PREFIX}added-${service.id}`, at: start, service }]
}

/** Its id is that of its start: what is learned later makes the same run longer. */
function alive({ start, end }: { readonly start: number; readonly end: number }): Event {
  return { type: 'alive', id: `${PREFIX}alive-${start}-${end}`, run: `${PREFIX}run-${start}`, start, at: end }
}

function downtimeFacts(downtime: OldDowntime, { carried }: Target, removed: number | null): Event[] {
  const { id, service, start, end, reason, detail } = downtime
  const before = carried.get(id)
  const down = { type: 'down' as const, id, service, start, reason, ...(detail && { detail }) }
  if (!before) return [end === null ? { ...down, at: start } : { ...down, at: end, end }]
  if (!before.isOpen || end === null) return []
  const why = end === removed ? 'removed' : 'recovered'
  return [{ type: 'up', id: `${id}-up`, at: end, service, downtime: id, end, reason: why }]
}

function corrections(
  { excluded }: Carried,
  { carried }: Target,
  { excludedBy: author, now: at }: Choices,
): Event[] {
  if (author === undefined) return []
  const reason = 'python-uptimeserver left it open, and contradicts it'
  return excluded.flatMap((downtime): Event[] => {
    const id = `${downtime}-excluded`
    if (carried.get(downtime)?.corrections.includes(id)) return []
    return [{ type: 'correction', id, at, downtime, exclude: true, reason, author }]
  })
}

/** What a monitor of the record's own watches is its to remove. */
function removal({ facts, removed }: Carried, { services, ownSince }: Target): Event[] {
  const known = services.get(facts.id)
  const isOpen = !known || known.monitored.at(-1)?.end === null
  if (removed === null || !isOpen || (known && ownSince !== undefined)) return []
  return [{ type: 'service-removed', id: `${PREFIX}removed-${facts.id}`, at: removed, service: facts.id }]
}
