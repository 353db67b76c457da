import type { ServiceFacts } from '@uptimeserver/core'
import type { AnyBulkWriteOperation } from 'mongodb'
import { keyOf, type ServiceDocument } from '../documents.js'
import type { Collections } from '../schema.js'
import { bulk } from './bulk.js'
import { type Effective, type Of, of } from './entry.js'

export async function applyServices({ services, live }: Collections, entry: Effective): Promise<void> {
  const { monitor, seq, events } = entry
  const facts = of(events, 'service-added', 'service-changed', 'service-removed')
  if (!facts.length) return
  const idOf = (fact: (typeof facts)[number]) =>
    typeof fact.service === 'string' ? fact.service : fact.service.id
  const byService = new Map<string, ServiceFact[]>()
  for (const fact of facts) byService.set(idOf(fact), [...(byService.get(idOf(fact)) ?? []), fact])
  const keys = [...byService.keys()].map((id) => keyOf(monitor, id))
  const known = new Map(
    (await services.find({ _id: { $in: keys } }).toArray()).map((one) => [one.service, one]),
  )
  const changes = [...byService].flatMap(([id, facts]): AnyBulkWriteOperation<ServiceDocument>[] => {
    const before = known.get(id)
    if (before && before.order >= seq) return []
    const after = facts.reduce((service, fact) => fold(service, fact, monitor, seq), before)
    if (!after || after === before) return []
    if (!before) return [{ insertOne: { document: after } }]
    return [{ replaceOne: { filter: { _id: after._id, order: before.order }, replacement: after } }]
  })
  const removed = of(facts, 'service-removed').map(({ service }) => keyOf(monitor, service))
  if (removed.length) await live.deleteMany({ _id: { $in: removed } })
  await bulk(services, changes)
}

type ServiceFact = Of<'service-added' | 'service-changed' | 'service-removed'>

function fold(
  before: ServiceDocument | undefined,
  fact: ServiceFact,
  monitor: string,
  order: number,
): ServiceDocument | undefined {
  const monitored = before?.monitored ?? []
  if (fact.type === 'service-removed') {
    const last = monitored.at(-1)
    if (!before?.open || !last) return before
    const ended = [...monitored.slice(0, -1), { ...last, end: new Date(fact.at) }]
    return { ...before, order, open: false, monitored: ended }
  }
  const start = new Date(fact.at)
  const described = { ...descriptionOf(fact.service), _id: keyOf(monitor, fact.service.id), monitor, order }
  if (fact.type === 'service-changed') {
    if (!before) return undefined
    return { ...described, open: before.open, since: before.since, monitored }
  }
  const intervals = before?.open ? monitored : [...monitored, { start, end: null }]
  return { ...described, open: true, since: before?.since ?? start, monitored: intervals }
}

function descriptionOf({ id, kind, name, category, labels, objective, sources }: ServiceFacts) {
  return {
    ...{ service: id, kind, name, sources },
    ...(category !== undefined && { category }),
    ...(labels && { labels: Object.entries(labels).map(([name, value]) => ({ name, value })) }),
    ...(objective !== undefined && { objective }),
  }
}
