import { type Act, MemoryPlace, memoryStorage, scriptedService } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import type { LeaseStore, Storage } from '../src/index.js'
import { all } from '../src/kit/all.js'
import { World } from './support/world.js'

const OPTIONS = { monitor: 'default' }

async function opened(place: MemoryPlace): Promise<Storage> {
  const storage = memoryStorage(place)
  await storage.open({} as never, OPTIONS)
  return storage
}

/** All that is on record, in another place, as a backup has it. */
async function copyOf(place: MemoryPlace): Promise<MemoryPlace> {
  const copy = new MemoryPlace()
  const [from, to] = [await opened(place), await opened(copy)]
  for await (const { events, term } of from.changes(0)) await to.record(events, { term })
  const held = await from.leases!.read()
  if (held) await to.leases!.write(held.lease, undefined)
  return copy
}

/** A storage whose record can be exchanged under it, as that of a file or a database server. */
class Exchangeable {
  #inner: Storage
  readonly storage: Storage
  readonly leases: LeaseStore = {
    read: () => this.#inner.leases!.read(),
    write: (lease, token) => this.#inner.leases!.write(lease, token),
  }

  /** @param own leases: in the same record, in another one, or none */
  constructor(place: MemoryPlace, own: boolean) {
    this.#inner = memoryStorage(place)
    this.storage = new Proxy({} as Storage, {
      get: (_, key) => {
        if (key === 'leases') return own ? this.leases : undefined
        const member = Reflect.get(this.#inner, key)
        return typeof member === 'function' ? member.bind(this.#inner) : member
      },
    })
  }

  async exchange(place: MemoryPlace): Promise<void> {
    this.#inner = await opened(place)
  }
}

type Leases = 'its own leases' | 'leases elsewhere' | 'no leases'

async function watching(leases: Leases) {
  const place = new MemoryPlace()
  const exchangeable = new Exchangeable(place, leases === 'its own leases')
  const seen: { act: Act } = { act: 'up' }
  const services = ['shop', 'mail'].map((name) =>
    scriptedService({ name, acts: () => (name === 'shop' ? seen.act : 'up'), every: '1s', attempts: 2 }),
  )
  const leadership = leases === 'leases elsewhere' ? (await opened(new MemoryPlace())).leases : undefined
  const config = { storage: exchangeable.storage, services, ...(leadership && { leadership }) }
  const world = await new World(config, { place }).start()
  await world.clock.advance(10_000)
  return { world, place, exchangeable, seen }
}

const codes = (world: World) => world.heard('error').map(({ error }) => error.code)

/** The downtimes in a place, and of whom. */
async function recordIn(place: MemoryPlace) {
  const storage = await opened(place)
  const services = new Map((await storage.services()).map(({ id, name }) => [id, name]))
  const downtimes = await all(storage.downtimes())
  return {
    services: [...services.values()].sort(),
    downtimes: downtimes.map(({ service, end }) => [services.get(service), end === null ? 'open' : 'over']),
    runs: await all(storage.runs()),
  }
}

for (const leases of ['its own leases', 'leases elsewhere', 'no leases'] as const) {
  test(`a storage with ${leases} that is emptied: it is told, and all that is so is recorded anew`, async () => {
    const { world, exchangeable, seen } = await watching(leases)
    seen.act = 'down'
    await world.clock.advance(10_000)
    const empty = new MemoryPlace()
    await exchangeable.exchange(empty)
    const lost = world.clock.now()
    await world.clock.advance(20_000)
    expect(codes(world)).toEqual(['RECORD_LOST'])
    expect(world.heard('storage').at(-1)?.error ?? null).toBeNull()
    expect(world.heard('error')[0]!.error.message).toMatch(
      /^the record is lost: memory was emptied, or .+ \(the log ends with entry 0, expected entry \d+ or a later one\)$/,
    )
    expect(await recordIn(empty)).toMatchObject({
      services: ['mail', 'shop'],
      downtimes: [['shop', 'open']],
    })
    seen.act = 'up'
    await world.clock.advance(10_000)
    await world.runner.stop()
    const { downtimes, runs } = await recordIn(empty)
    expect(downtimes).toEqual([['shop', 'over']])
    // What was before is not vouched for: that record is gone.
    for (const { start } of runs) expect(start).toBeGreaterThanOrEqual(lost)
  })

  test(`a storage with ${leases} that an older copy takes the place of: time of which nothing is known any more is not vouched for`, async () => {
    const { world, place, exchangeable, seen } = await watching(leases)
    seen.act = 'down'
    await world.clock.advance(10_000)
    const backup = await copyOf(place)
    const saved = world.clock.now()
    seen.act = 'up'
    await world.clock.advance(10_000)
    for (const act of ['down', 'up', 'down', 'up'] as const) {
      seen.act = act
      await world.clock.advance(10_000)
    }
    await exchangeable.exchange(backup)
    const restored = world.clock.now()
    await world.clock.advance(20_000)
    expect(codes(world)).toEqual(['RECORD_LOST'])
    await world.runner.stop()
    const { downtimes, runs } = await recordIn(backup)
    expect(downtimes).toEqual([['shop', 'over']])
    expect(runs.filter(({ start, end }) => start < restored && end > saved)).toEqual([])
    expect(runs.filter(({ start }) => start >= restored)).not.toEqual([])
  })
}
