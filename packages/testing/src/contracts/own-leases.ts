import type { Storage } from '@uptimeserver/core'
import { quietContext } from './context.js'
import type { Cases } from './contract.js'
import { LEASE_CASES, type LeaseFixture } from './lease.js'
import type { StorageFixture } from './storage.js'

/** What `leaseContract` promises, of the leases of a storage; one that has none promises nothing. */
export const OWN_LEASES: Cases<StorageFixture> = Object.fromEntries(
  Object.entries(LEASE_CASES).map(([name, body]) => [name, (fixture) => withLeases(fixture, body)]),
)

async function withLeases(
  fixture: StorageFixture,
  body: (leases: LeaseFixture) => Promise<void>,
): Promise<void> {
  const opened = new Map<string, Storage>()
  const open = async (monitor: string): Promise<Storage> => {
    // Where two must not write at the same time, it is the same one again.
    const key = fixture.shared === false ? monitor : `${monitor} ${opened.size}`
    const storage = opened.get(key) ?? fixture.create()
    if (!opened.has(key)) await storage.open(quietContext(), { monitor })
    opened.set(key, storage)
    return storage
  }
  try {
    const { leases } = await open('default')
    if (leases) await body({ create: async (monitor) => (await open(monitor)).leases! })
  } finally {
    for (const storage of opened.values()) await storage.close()
  }
}
