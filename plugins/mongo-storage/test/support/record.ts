import type { Event, Storage } from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { memoryStorage, quietContext } from '@uptimeserver/testing'

export const T0 = Date.UTC(2026, 0, 1)

export async function openMongo(uri: string, db: string, readOnly = false): Promise<Storage> {
  const storage = mongoStorage({ uri, db })
  await storage.open(quietContext(), { monitor: 'default', readOnly })
  return storage
}

const service = (id: string) => ({
  id,
  kind: 'http',
  name: `$${id}.name`,
  labels: { 'a.b': '$x' },
  sources: ['config'],
})

/** Batches of every kind of fact, each with the meaning that it takes from those before. */
export function batches(count: number): Event[][] {
  const list: Event[][] = [
    [
      { type: 'alive', id: 'r-begin', at: T0, run: 'r', start: T0 },
      ...['a', 'b', 'c'].map(
        (id): Event => ({ type: 'service-added', id: `add-${id}`, at: T0, run: 'r', service: service(id) }),
      ),
    ],
  ]
  for (let n = 1; n < count; n++) list.push(batch(n, T0 + n * 60_000))
  return list
}

function batch(n: number, at: number): Event[] {
  const [id, before] = [['a', 'b', 'c'][n % 3]!, `d${n - 3}`]
  const down: Event = {
    type: 'down',
    id: `d${n}`,
    at,
    run: 'r',
    service: id,
    start: at,
    reason: 'status 503',
    detail: { 'x.y': '$z' },
  }
  const again: Event = { ...down, id: `again${n}`, at: at + 1, start: at + 1 }
  const up: Event = {
    type: 'up',
    id: `up${n}`,
    at: at - 1,
    run: 'r',
    service: id,
    downtime: n % 2 ? before : `again${n - 3}`,
    end: at - 1,
    reason: 'recovered',
  }
  const gap: Event = {
    type: 'gap',
    id: `g${n}`,
    at,
    run: 'r',
    service: id,
    start: at - 5,
    end: n % 4 ? at : null,
    reason: 'late',
  }
  const window: Event = {
    type: 'maintenance',
    id: `m${n}`,
    at,
    window: `w${n % 5}`,
    start: at,
    end: at + n,
    reason: 'disks',
  }
  const word: Event = {
    type: 'correction',
    id: `k${n}`,
    at,
    downtime: `d${n}`,
    exclude: n % 2 === 0,
    reason: 'ours',
    author: 'ops',
  }
  const removed: Event = { type: 'service-removed', id: `gone${n}`, at, run: 'r', service: 'c' }
  const added: Event = { type: 'service-added', id: `back${n}`, at: at + 2, run: 'r', service: service('c') }
  return [
    ...(n > 3 ? [up] : []),
    down,
    again,
    ...(n % 3 ? [gap] : [removed, added]),
    ...(n % 2 ? [window] : []),
    word,
  ]
}

/** What the plainest storage makes of the same facts. */
export async function inMemory(facts: readonly (readonly Event[])[]): Promise<Storage> {
  const storage = memoryStorage()
  await storage.open(quietContext(), { monitor: 'default' })
  for (const events of facts) await storage.record(events)
  return storage
}

/** All that can be read, with the keys of each object in order. */
export async function everything(storage: Storage): Promise<unknown> {
  const record = {
    services: await storage.services({ removed: true }),
    downtimes: await all(storage.downtimes()),
    gaps: await all(storage.gaps()),
    runs: await all(storage.runs()),
    maintenance: await all(storage.maintenance()),
    summaries: await all(storage.summaries({ versions: true })),
    log: await all(storage.changes(0)),
  }
  return JSON.parse(
    JSON.stringify(record, (_, value) =>
      isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value,
    ),
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As the runner does it: until it is taken. */
export async function untilTaken(work: () => Promise<unknown>, patience = 60_000): Promise<void> {
  for (const deadline = Date.now() + patience; ; ) {
    try {
      await work()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
