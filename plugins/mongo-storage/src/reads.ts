import type {
  Downtime,
  Entry,
  Gap,
  Live,
  Maintenance,
  Query,
  Run,
  ServiceFilter,
  ServiceRecord,
  Summary,
  SummaryQuery,
} from '@uptimeserver/core'
import { afterPrefix } from '@uptimeserver/core/kit'
import type { Collection, Document, Filter } from 'mongodb'
import type { SummaryDocument } from './documents.js'
import { downtimeOf, entryOf, gapOf, liveOf, maintenanceOf, runOf, serviceOf, summaryOf } from './items.js'
import { type Batches, batches } from './pages.js'
import type { Collections } from './schema.js'
import { among, type Conditions, ofServices, touching } from './spans.js'

/** How many documents come at once: what is taken apart within a few milliseconds. */
const MANY = 1_000
const SOME = 200

interface Queries {
  services: [ServiceFilter, ServiceRecord]
  downtimes: [Query, Downtime]
  gaps: [Query, Gap]
  runs: [Query, Run]
  maintenance: [Query, Maintenance]
  summaries: [SummaryQuery, Summary]
  live: [undefined, Live]
  changes: [number, Entry]
}
export type ReadName = keyof Queries
export type QueryOf<Name extends ReadName> = Queries[Name][0]
export type ItemOf<Name extends ReadName> = Queries[Name][1]

/** What can be asked of the views and the log. Values go where values belong, so that nothing can be slipped in. */
export const READS: {
  readonly [Name in ReadName]: (
    collections: Collections,
    monitor: string,
    query: QueryOf<Name>,
  ) => readonly Batches<ItemOf<Name>>[]
} = {
  services({ services }, monitor, { ids, removed = false }) {
    const filter = { monitor, ...among(monitor, ids), ...(!removed && { open: true }) }
    const cursor = services.find(filter).sort({ since: 1, service: 1 }).batchSize(MANY)
    return [batches(cursor, each(serviceOf))]
  },
  downtimes: ({ downtimes }, monitor, query) =>
    inOrder(downtimes, touching(monitor, query, ofServices(query)), downtimeOf),
  gaps: ({ gaps }, monitor, query) => inOrder(gaps, touching(monitor, query, ofServices(query)), gapOf),
  runs: ({ runs }, monitor, query) => inOrder(runs, touching(monitor, query), runOf),
  maintenance({ maintenance }, monitor, query) {
    const { services } = query
    const forThese = services && { $or: [{ services: { $exists: false } }, { services: { $in: services } }] }
    return inOrder(maintenance, touching(monitor, query, forThese), maintenanceOf, 'window')
  },
  summaries({ summaries }, monitor, { prefix = '', versions = false }) {
    const end = afterPrefix(prefix)
    const key = { $gte: prefix, ...(end !== undefined && { $lt: end }) }
    const filter = { monitor, ...(prefix !== '' && { key }) }
    const cursor = summaries
      .find(filter)
      .sort({ key: 1, version: versions ? 1 : -1 })
      .batchSize(SOME)
    return [batches(cursor, versions ? each(summaryOf) : latest())]
  },
  live: ({ live }, monitor) => [batches(live.find({ monitor }).batchSize(MANY), each(liveOf))],
  changes({ log }, monitor, since) {
    return [batches(log.find({ monitor, seq: { $gt: since } }).sort({ seq: 1 }), each(entryOf))]
  },
}

function inOrder<D extends Document, Item>(
  collection: Collection<D>,
  filters: readonly Conditions[],
  itemOf: (document: D) => Item,
  name = 'id',
): Batches<Item>[] {
  return filters.map((filter) => {
    const cursor = collection.find<D>(filter as Filter<D>).sort({ start: 1, [name]: 1 })
    return batches(cursor.batchSize(MANY), each(itemOf))
  })
}

function each<D, Item>(itemOf: (document: D) => Item) {
  return (documents: readonly D[]) => documents.map(itemOf)
}

/** Of each key the latest comes first, and is the only one that is taken. */
function latest(): (documents: readonly SummaryDocument[]) => Summary[] {
  let before: string | undefined
  return (documents) =>
    documents.flatMap((document) => {
      const isLatest = document.key !== before
      before = document.key
      return isLatest ? [summaryOf(document)] : []
    })
}
