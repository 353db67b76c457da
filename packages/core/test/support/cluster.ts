import { FakeClock, MemoryPlace, memoryStorage } from '@uptimeserver/testing'
import {
  type Config,
  type Event,
  type Lease,
  type LeaseStore,
  type Storage,
  UptimeError,
} from '../../src/index.js'
import { all } from '../../src/kit/all.js'
import { replacing } from './consolidating.js'
import { World } from './world.js'

/** A way to the storage that can be cut, for one instance. */
export interface Line {
  storage: Storage
  cut: boolean
}

const DIRECT = new Set(['name', 'leases', 'close'])

/** Everything over it fails while it is cut. */
export function line(place: MemoryPlace): Line {
  const inner = memoryStorage(place)
  const away = () => new UptimeError('STORAGE_UNREACHABLE', 'the line is cut')
  const guarded = <T extends object>(target: T, isDirect: (key: PropertyKey) => boolean): T =>
    new Proxy(target, {
      get(_, key) {
        const member = Reflect.get(target, key)
        if (typeof member !== 'function' || isDirect(key)) return member
        return (...args: unknown[]) => {
          if (way.cut) return Promise.reject(away())
          return member.apply(target, args)
        }
      },
    })
  const leases = guarded<LeaseStore>(inner.leases!, () => false)
  const way: Line = {
    cut: false,
    storage: guarded(replacing(inner, { leases }), (key) => DIRECT.has(String(key))),
  }
  return way
}

/** Several instances of one monitor, each with a clock and a way to the storage of its own. */
export class Cluster {
  readonly place = new MemoryPlace()
  readonly members: { readonly world: World; readonly line: Line; readonly clock: FakeClock }[] = []

  /** @param ahead how far its wall clock is ahead of the others, in ms */
  async join(config: Config, ahead = 0): Promise<World> {
    const clock = new FakeClock(Date.parse('2026-01-01T00:00:00Z') + ahead)
    const way = line(this.place)
    const world = new World({ ...config, storage: way.storage }, { clock, place: this.place })
    this.members.push({ world, line: way, clock })
    await world.start()
    return world
  }

  /** Time passes for all of them, but for those that stand still. */
  async advance(ms: number, frozen: readonly World[] = []): Promise<void> {
    for (let passed = 0; passed < ms; passed += 250)
      for (const { world, clock } of this.members) if (!frozen.includes(world)) await clock.advance(250)
  }

  /** Everybody stops, whatever becomes of what could not be stored. */
  async stop(): Promise<void> {
    let isOver = false
    const stopping = Promise.allSettled(this.members.map(({ world }) => world.runner.stop())).then(() => {
      isOver = true
    })
    while (!isOver) await this.advance(250)
    await stopping
  }

  cut(world: World, isCut = true): void {
    this.members.find((member) => member.world === world)!.line.cut = isCut
  }

  async lease(): Promise<Lease | undefined> {
    const storage = memoryStorage(this.place)
    await storage.open({} as never, { monitor: 'default', readOnly: true })
    return (await storage.leases!.read())?.lease
  }

  async log(): Promise<{ term: number; event: Event }[]> {
    const [{ world }] = this.members as [(typeof this.members)[0]]
    const entries = await world.read((storage) => all(storage.changes(0)))
    return entries.flatMap(({ term, events }) => events.map((event) => ({ term, event })))
  }
}
