import {
  FakeClock,
  type MemoryDisk,
  type MemoryPlace,
  memoryDisk,
  scriptedProvider,
} from '@uptimeserver/testing'
import { type Clock, createRunner, type Disk, type Runner, type Service } from '../../src/index.js'
import { type Defect, Way } from './way.js'

/** One check that was counted. */
export interface Result {
  readonly service: string
  /** As the monitor's record has it, in ms since the epoch. */
  readonly at: number
  readonly ok: boolean
  /** The process that made it, and the run that it was in then. */
  readonly process: string
  readonly run: string
  /** Counts turns of checking: a streak does not go on from one into the next. */
  readonly turn: number
}

export const ATTEMPTS = 2
export const EVERY = 1_000

/** What all processes of a simulation share. */
export interface Universe {
  readonly place: MemoryPlace
  readonly results: Result[]
  /** Downtimes that listeners were told of, by id. */
  readonly told: Map<string, { readonly service: string; readonly at: number }>
  readonly defect: Defect | undefined
  /** An older copy took the record's place since it was looked at last. */
  isRestored: boolean
  /** Processes that are known to be gone. */
  readonly gone: Set<string>
  /** Moments at which something happened to a process. */
  moments: number
  /** True time since the start, in ms. */
  time: number
  /** Whether a service would answer now. */
  readonly isUp: (service: string) => boolean
  /** What the config lists, and what the provider holds. */
  names: { config: readonly string[]; provider: readonly string[] }
}

export const START = Date.parse('2026-01-01T00:00:00Z')
let count = 0

/** A process on a host: it runs, stands still, or is dead. */
export class Machine {
  readonly universe: Universe
  /** What survives the process. */
  readonly disk: MemoryDisk = memoryDisk()
  skew = 0
  way!: Way
  clock!: FakeClock
  runner: Runner | undefined
  id = ''
  /** Since when it stands still, in true ms. */
  frozenAt: number | undefined
  #provider = scriptedProvider()
  #run = ''
  #turn = 0

  constructor(universe: Universe, skew = 0) {
    this.universe = universe
    this.skew = skew
  }

  get isRunning(): boolean {
    return this.runner !== undefined && this.frozenAt === undefined
  }

  /** A new process, with the config as it is now. */
  async boot(): Promise<void> {
    const { universe } = this
    this.id = `host/${++count}`
    this.clock = new FakeClock(START + universe.time + this.skew)
    this.way = new Way(universe.place, universe.defect)
    this.way.onKill = () => this.kill()
    this.#provider = scriptedProvider()
    const runner = this.#createRunner()
    this.runner = runner
    this.#listen(runner)
    this.putProvided()
    const starting = runner.start().catch(() => undefined)
    await Promise.race([starting, this.clock.advance(0)])
  }

  putProvided(): void {
    this.#provider.put(...this.universe.names.provider.map((name) => this.#service(name)))
  }

  /** `kill -9`. */
  kill(): void {
    if (!this.runner) return
    this.way.die()
    this.universe.gone.add(this.id)
    this.id = ''
    this.runner = undefined
    this.frozenAt = undefined
  }

  /** SIGTERM, and whatever becomes of that in 20 s. */
  async stop(): Promise<void> {
    const { runner } = this
    if (!runner || this.frozenAt !== undefined) return
    const stopping = runner.stop().catch(() => undefined)
    for (let waited = 0; waited < 20_000; waited += 250) await this.clock.advance(250)
    await Promise.race([stopping, this.clock.advance(0)])
    this.kill()
  }

  freeze(): void {
    if (this.isRunning) this.frozenAt = this.universe.time
  }

  /** @param asleep whether the whole machine slept, so that only the wall went on */
  async thaw(asleep: boolean): Promise<void> {
    if (this.frozenAt === undefined || !this.runner) return
    const missed = this.universe.time - this.frozenAt
    this.frozenAt = undefined
    if (asleep) this.clock.suspend(missed)
    else await this.clock.stall(missed)
  }

  async advance(ms: number): Promise<void> {
    if (this.isRunning) await this.clock.advance(ms)
  }

  #createRunner(): Runner {
    const { universe } = this
    return createRunner(
      {
        storage: this.way.storage,
        services: universe.names.config.map((name) => this.#service(name)),
        providers: [this.#provider],
        consolidators: [],
        every: EVERY,
        retryEvery: 300,
        timeout: 200,
        attempts: ATTEMPTS,
      },
      {
        clock: this.#counting(this.clock),
        disk: this.#mortal(this.disk),
        instance: { id: this.id, isGone: (holder) => universe.gone.has(holder) },
      },
    )
  }

  #counting(clock: FakeClock): Clock {
    const { universe } = this
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      timer(callback, ms) {
        const ring = () => {
          universe.moments++
          callback()
        }
        return clock.timer(ring, ms)
      },
    }
  }

  /** A disk that a process reaches for as long as it lives. */
  #mortal(disk: Disk): Disk {
    const { id } = this
    return new Proxy(disk, {
      get: (_, key) => {
        const member = Reflect.get(disk, key)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) =>
          this.id === id ? member.apply(disk, args) : new Promise(() => undefined)
      },
    })
  }

  #service(name: string): Service {
    const { universe } = this
    return {
      kind: 'simulated',
      name,
      async check() {
        if (!universe.isUp(name)) throw new Error('simulated')
      },
    }
  }

  #listen(runner: Runner): void {
    const [process, universe] = [this.id, this.universe]
    let isLost = false
    runner.on('error', ({ error }) => {
      isLost ||= error.code === 'RECORD_LOST'
      // It is told that it is not kept.
      if (error.code === 'FACTS_REFUSED' && universe.isRestored) universe.told.clear()
    })
    runner.on('run', ({ run, reason }) => {
      this.#run = run
      // What was found before belonged to another record.
      if (isLost) universe.told.clear()
      isLost = false
      if (reason === 'started') this.#turn++
    })
    runner.on('transition', ({ to, downtime, at, service }) => {
      if (this.id === process && to === 'down' && downtime)
        universe.told.set(downtime, { service: service.id, at })
    })
    runner.on('check', ({ service, at, ok }) => {
      if (this.id !== process) return
      this.universe.results.push({
        service: service.id,
        at,
        ok,
        process,
        run: this.#run,
        turn: this.#turn,
      })
    })
  }
}
