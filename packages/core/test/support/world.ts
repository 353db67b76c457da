import { FakeClock, MemoryPlace, memoryStorage } from '@uptimeserver/testing'
import {
  type Config,
  createRunner,
  type Downtime,
  type Gap,
  type Instance,
  type Run,
  type RunnerEvents,
  type RunnerOptions,
  type Storage,
} from '../../src/index.js'
import { all } from '../../src/kit/all.js'

type Name = keyof RunnerEvents
const NAMES: readonly Name[] = [
  'transition',
  'services',
  'provider',
  'gap',
  'blocked',
  'run',
  'maintenance',
  'storage',
  'leadership',
  'blind',
  'error',
]

let count = 0

/** A monitor on a fake clock and a storage in memory, and everything that it says. */
export class World {
  readonly clock: FakeClock
  readonly place: MemoryPlace
  /** Instances that are known to be gone. */
  readonly gone: Set<string>
  readonly instance: Instance
  readonly said: { [N in Name]?: RunnerEvents[N][] } = {}
  readonly runner

  constructor(
    config: Config,
    { clock = new FakeClock(), place = new MemoryPlace(), gone = new Set(), ...options }: WorldOptions = {},
  ) {
    this.clock = clock
    this.place = place
    this.gone = gone
    this.instance = { id: `host/${++count}`, isGone: (holder) => gone.has(holder) }
    this.runner = createRunner(
      { storage: memoryStorage(place), every: '10s', retryEvery: '1s', ...config },
      { clock, instance: this.instance, ...options },
    )
    for (const name of NAMES) this.runner.on(name, (event) => this.#hear(name, event))
  }

  /** What was said under a name, in order. */
  heard<N extends Name>(name: N): readonly RunnerEvents[N][] {
    return (this.said[name] ?? []) as RunnerEvents[N][]
  }

  /** `from→to` of every transition of a service. */
  moves(name = 'scripted'): string[] {
    return this.heard('transition')
      .filter(({ service }) => service.name === name)
      .map(({ from, to }) => `${from}→${to}`)
  }

  async start(): Promise<this> {
    await this.runner.start()
    return this
  }

  /** The same monitor after a `kill -9` and so many ms: its clock stands still for ever, another one goes on. */
  async restart(afterMs: number, config: Config, options: WorldOptions = {}): Promise<World> {
    const clock = new FakeClock(this.clock.now() + afterMs)
    const gone = new Set([...this.gone, this.instance.id])
    return new World(config, { clock, place: this.place, gone, ...options }).start()
  }

  /** Reads the record with eyes of its own. */
  async read<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
    const storage = memoryStorage(this.place)
    await storage.open({} as never, { monitor: 'default', readOnly: true })
    return work(storage)
  }

  downtimes(): Promise<Downtime[]> {
    return this.read((storage) => all(storage.downtimes()))
  }

  runs(): Promise<Run[]> {
    return this.read((storage) => all(storage.runs()))
  }

  gaps(): Promise<Gap[]> {
    return this.read((storage) => all(storage.gaps()))
  }

  #hear(name: Name, event: unknown): void {
    const list = (this.said[name] ?? []) as unknown[]
    list.push(event)
    this.said[name] = list as never
  }
}

export interface WorldOptions extends Omit<RunnerOptions, 'clock'> {
  readonly clock?: FakeClock
  readonly place?: MemoryPlace
  readonly gone?: Set<string>
}
