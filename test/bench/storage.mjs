// Ten thousand services that go down at once, made durable: the storage against inserting the same rows by hand.
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'
import { median } from './numbers.mjs'

const SERVICES = 10_000
const BATCH = 5_000

export async function storageRows({ rounds }) {
  const [ours, theirs] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    ours.push(await timed(recordAll))
    theirs.push(await timed(insertAll))
  }
  const speed = median(ours.slice(1).map((ms, index) => theirs[index + 1] / ms))
  return [
    {
      what: `${SERVICES.toLocaleString('en')} services down at once, durable`,
      against: 'raw batched insert of the same rows',
      ours: `${median(ours.slice(1)).toFixed(0)} ms`,
      theirs: `${median(theirs.slice(1)).toFixed(0)} ms`,
      value: Number(speed.toFixed(2)),
      target: 0.9,
      unit: '× its speed',
      atLeast: true,
    },
  ]
}

async function timed(work) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
  const path = join(folder, 'uptime.db')
  const storage = sqliteStorage({ path })
  await storage.open(quietContext(), { monitor: 'default' })
  await storage.record(
    ids.map((id) => ({
      type: 'service-added',
      id: `a-${id}`,
      at: 1,
      service: { id, kind: 'http', name: id, sources: ['config'] },
    })),
  )
  const ms = await work(storage, path)
  await storage.close()
  rmSync(folder, { recursive: true })
  return ms
}

const ids = Array.from({ length: SERVICES }, (_, index) => index.toString(16).padStart(16, '0'))

const downs = ids.map((id, index) => ({
  type: 'down',
  id: `abcdefghij-${index.toString(36)}`,
  at: 1_767_225_600_000 + index,
  run: 'abcdefghij',
  service: id,
  start: 1_767_225_590_000 + index,
  reason: 'connect ECONNREFUSED 127.0.0.1:8080',
}))

async function recordAll(storage) {
  const began = performance.now()
  for (let start = 0; start < SERVICES; start += BATCH)
    await storage.record(downs.slice(start, start + BATCH), { term: 1 })
  return performance.now() - began
}

async function insertAll(_storage, path) {
  const require = createRequire(new URL('../../plugins/sqlite-storage/package.json', import.meta.url))
  const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? require('@photostructure/sqlite')
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  const fact = database.prepare('INSERT INTO fact (id, monitor) VALUES (?, ?)')
  const downtime = database.prepare(
    'INSERT INTO downtime (id, service, start, reason, detail, monitor) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const log = database.prepare('INSERT INTO log (seq, term, events, monitor) VALUES (?, ?, ?, ?)')
  const began = performance.now()
  for (let start = 0; start < SERVICES; start += BATCH) {
    const batch = downs.slice(start, start + BATCH)
    database.exec('BEGIN IMMEDIATE')
    for (const { id, service, start, reason } of batch) {
      fact.run(id, 'default')
      downtime.run(id, service, start, reason, null, 'default')
    }
    log.run(start + 2, 1, JSON.stringify(batch), 'default')
    database.exec('COMMIT')
  }
  const ms = performance.now() - began
  database.close()
  return ms
}
