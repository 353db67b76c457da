// A year on record: so many services with so many downtimes a month each, put into a SQLite file by hand.
import { createRequire } from 'node:module'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'

export const YEAR = { start: Date.UTC(2025, 0, 1), end: Date.UTC(2026, 0, 1) }
const MONTHS = 12

const require = createRequire(new URL('../../plugins/sqlite-storage/package.json', import.meta.url))
export const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? require('@photostructure/sqlite')

export async function openStorage(path, readOnly = false) {
  const storage = sqliteStorage({ path })
  await storage.open(quietContext(), { monitor: 'default', readOnly })
  return storage
}

/** Lays the record down: downtimes spread evenly and jittered, a few minutes long; a restart every week, with its gaps. */
export async function layDown(path, { services, perMonth }) {
  const storage = await openStorage(path)
  const ids = Array.from({ length: services }, (_, index) => index.toString(16).padStart(16, '0'))
  await storage.record([
    { type: 'alive', id: 'r0-1', run: 'r0', start: YEAR.start, at: YEAR.start },
    ...ids.map((id, index) => ({
      type: 'service-added',
      id: `a-${id}`,
      at: YEAR.start,
      service: {
        id,
        kind: 'http',
        name: `service ${index}`,
        category: `c${index % 50}`,
        sources: ['config'],
      },
    })),
  ])
  await storage.close()
  const database = new DatabaseSync(path)
  const insert = database.prepare(
    'INSERT INTO downtime (id, service, start, "end", reason, monitor) VALUES (?, ?, ?, ?, ?, ?)',
  )
  database.exec('PRAGMA synchronous = OFF; BEGIN')
  const count = perMonth * MONTHS
  const every = (YEAR.end - YEAR.start) / count
  let seed = 1
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  for (let k = 0; k < count; k++) {
    ids.forEach((id, index) => {
      const start = Math.floor(YEAR.start + every * (k + random() * 0.9))
      const length = Math.floor(30_000 + random() * 600_000)
      insert.run(
        `d${k.toString(36)}-${index.toString(36)}`,
        id,
        start,
        start + length,
        'status 503, expected 2xx',
        'default',
      )
    })
  }
  const week = 7 * 86_400_000
  database.exec('DELETE FROM run')
  const run = database.prepare('INSERT INTO run (id, start, "end", monitor) VALUES (?, ?, ?, ?)')
  const gap = database.prepare(
    'INSERT INTO gap (id, service, start, "end", reason, monitor) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (let start = YEAR.start, n = 0; start < YEAR.end; start += week, n++) {
    run.run(`r${n}`, start, Math.min(start + week - 60_000, YEAR.end), 'default')
    // As after every start: until its first check a service is not observed.
    for (const [index, id] of ids.entries())
      gap.run(`g${n}-${index}`, id, start, start + (index % 60) * 1_000 + 500, 'not checked yet', 'default')
  }
  database.exec('COMMIT')
  database.close()
}
