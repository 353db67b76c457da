import type { Downtime, Entry, Gap, Run, ServiceRecord, Storage } from '@uptimeserver/core'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'
import type { Project } from './uptime.js'

/** Everything that a storage says. */
export interface FactRecord {
  readonly services: readonly ServiceRecord[]
  readonly downtimes: readonly Downtime[]
  readonly runs: readonly Run[]
  readonly gaps: readonly Gap[]
  readonly log: readonly Entry[]
}

/** What is on record, read beside those that write. */
export async function recordIn(storage: Storage): Promise<FactRecord> {
  await storage.open(quietContext(), { monitor: 'default', readOnly: true })
  try {
    return {
      services: await storage.services({ removed: true }),
      downtimes: await list(storage.downtimes()),
      runs: await list(storage.runs()),
      gaps: await list(storage.gaps()),
      log: await list(storage.changes(0)),
    }
  } finally {
    await storage.close()
  }
}

/** The same of a project's own SQLite file. */
export function recordOf(project: Project): Promise<FactRecord> {
  return recordIn(sqliteStorage({ path: project.path('uptime.db') }))
}

async function list<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
