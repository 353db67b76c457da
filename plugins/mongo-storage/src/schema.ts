import type { Collection, Db, IndexDescription } from 'mongodb'
import type {
  DowntimeDocument,
  GapDocument,
  LeaseDocument,
  LiveDocument,
  LogDocument,
  MaintenanceDocument,
  MetaDocument,
  RunDocument,
  ServiceDocument,
  SummaryDocument,
} from './documents.js'

interface Documents {
  log: LogDocument
  services: ServiceDocument
  downtimes: DowntimeDocument
  runs: RunDocument
  gaps: GapDocument
  maintenance: MaintenanceDocument
  summaries: SummaryDocument
  live: LiveDocument
  leases: LeaseDocument
  meta: MetaDocument
}
export type CollectionName = keyof Documents
export type Collections = { readonly [Name in CollectionName]: Collection<Documents[Name]> }

/** The version of all this. A program refuses what a newer one has written. */
export const SCHEMA_VERSION = 1

const unique = { unique: true }
const open = { partialFilterExpression: { open: true } }

/** Each index, and what it is for. What is released is never edited: a version later another one is added. */
const INDEXES: { readonly [Name in CollectionName]: readonly IndexDescription[] } = {
  log: [
    // One entry for each number, whoever writes: a batch is whole, in order, and a writer that was left behind collides.
    { key: { monitor: 1, seq: 1 }, name: 'one_entry', ...unique },
    // No fact twice.
    { key: { monitor: 1, ids: 1 }, name: 'one_fact', ...unique },
  ],
  services: [{ key: { monitor: 1, since: 1, service: 1 }, name: 'in_order' }],
  downtimes: spans(),
  gaps: spans(),
  runs: [{ key: { monitor: 1, start: 1, id: 1 }, name: 'in_order' }],
  maintenance: [{ key: { monitor: 1, start: 1, window: 1 }, name: 'in_order' }],
  // Versions of a figure side by side.
  summaries: [{ key: { monitor: 1, key: 1, version: 1 }, name: 'one_version', ...unique }],
  live: [{ key: { monitor: 1 }, name: 'by_monitor' }],
  leases: [],
  meta: [],
}

function spans(): IndexDescription[] {
  return [
    // A report reads millions in this order.
    { key: { monitor: 1, start: 1, id: 1 }, name: 'in_order' },
    // Those that reach into a period from before it: told by their keys alone.
    { key: { monitor: 1, end: 1, start: 1 }, name: 'by_end' },
    { key: { monitor: 1, service: 1, start: 1 }, name: 'by_service' },
    // One open of a service at most, whatever the program does.
    { key: { monitor: 1, service: 1 }, name: 'one_open', ...unique, ...open },
  ]
}

export function collectionsOf(database: Db, prefix: string): Collections {
  const names = Object.keys(INDEXES) as CollectionName[]
  return Object.fromEntries(
    names.map((name) => [name, database.collection(prefix + name)]),
  ) as unknown as Collections
}

/** Makes what is missing, as often and by as many at once as like. */
export async function createIndexes(collections: Collections): Promise<void> {
  const wanted = Object.entries(INDEXES) as [CollectionName, IndexDescription[]][]
  await Promise.all(
    wanted.map(
      ([name, indexes]) =>
        indexes.length && (collections[name] as unknown as Collection).createIndexes([...indexes]),
    ),
  )
}
