import { join } from 'node:path'
import type { Event, Storage } from '@uptimeserver/core'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

let count = 0
const fresh = () => `h${(++count).toString(36)}`

export interface HistoryService {
  readonly id: string
  readonly name: string
  readonly category?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly objective?: number
}

/** Facts as a monitor would have stated them. */
export const facts = {
  added: (service: HistoryService, at: number): Event => ({
    type: 'service-added',
    id: fresh(),
    at,
    service: { kind: 'http', sources: ['config'], ...service },
  }),
  removed: (service: string, at: number): Event => ({ type: 'service-removed', id: fresh(), at, service }),
  run: (run: string, start: number, end: number): Event[] =>
    [start, end].map((at) => ({ type: 'alive', id: fresh(), run, start, at })),
  down: (
    id: string,
    service: string,
    start: number,
    end: number | null,
    reason = 'status 503, expected 2xx',
  ): Event[] => [
    { type: 'down', id, at: start, service, start, reason },
    ...(end === null
      ? []
      : [
          {
            type: 'up' as const,
            id: fresh(),
            at: end,
            service,
            downtime: id,
            end,
            reason: 'recovered' as const,
          },
        ]),
  ],
  gap: (service: string, start: number, end: number): Event => ({
    type: 'gap',
    id: fresh(),
    at: end,
    service,
    start,
    end,
    reason: 'the check could not start in time',
  }),
}

/** Writes into the default storage of a project, or does whatever else with it. */
export async function withStorage<T>(folder: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = sqliteStorage({ path: join(folder, 'uptime.db') })
  await storage.open(quietContext(), { monitor: 'default' })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}
