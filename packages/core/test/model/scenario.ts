import { MemoryPlace } from '@uptimeserver/testing'
import { randomFrom } from '../../../../test/support/random.js'
import { Backup } from './backup.js'
import { Machine, type Universe } from './machine.js'
import { insist, Oracle } from './oracle.js'
import type { Defect, Mood } from './way.js'

const TICK = 250
const HOUR = 3_600_000

export interface ScenarioOptions {
  readonly seed: number
  /** How long a run of it is, in moments at which something happens to a process. */
  readonly steps: number
  readonly instances: number
  readonly services: number
  /** Clocks are hours apart, and are set. */
  readonly skewed: boolean
  readonly defect?: Defect
}

/** What a run of a scenario came to. */
export interface Outcome {
  readonly steps: number
  readonly faults: number
  readonly judged: number
  readonly vouched: number
  readonly terms: number
}

const FAULTS = 'sulk well sulkAll kill killAtWrite stop boot freeze thaw change disk clock restore'.split(' ')

/** Some processes, some services that come and go, and a script of faults that a seed gives. */
export class Scenario {
  readonly #options: ScenarioOptions
  readonly #random: () => number
  readonly universe: Universe
  readonly script: string[] = []
  readonly #machines: Machine[]
  /** Service → how it stands, and until when, in true ms. */
  readonly #truth = new Map<string, { isUp: boolean; until: number }>()
  readonly #all: string[]
  readonly #oracle: Oracle
  #backup: Backup
  #faults = 0

  constructor(options: ScenarioOptions) {
    this.#options = options
    this.#random = randomFrom(options.seed)
    this.#all = Array.from({ length: options.services }, (_, index) => `s${index}`)
    this.universe = {
      place: new MemoryPlace(),
      results: [],
      told: new Map(),
      isRestored: false,
      defect: options.defect,
      moments: 0,
      gone: new Set(),
      time: 0,
      isUp: (service) => this.#isUp(service),
      names: { config: this.#all.slice(0, -5), provider: this.#all.slice(-5) },
    }
    this.#oracle = new Oracle(this.universe, !options.skewed)
    this.#backup = new Backup(this.universe.place)
    const skew = () => (options.skewed ? Math.round((this.#random() - 0.5) * 6 * HOUR) : 0)
    this.#machines = Array.from({ length: options.instances }, () => new Machine(this.universe, skew()))
  }

  /** Jitter comes from the seed as well. */
  async run(): Promise<Outcome> {
    const { random } = Math
    Math.random = randomFrom(this.#options.seed + 1)
    try {
      return await this.#run()
    } finally {
      Math.random = random
    }
  }

  async #run(): Promise<Outcome> {
    for (const machine of this.#machines) await machine.boot()
    while (this.#steps < this.#options.steps) {
      await this.#chaos(20 + this.#below(60))
      await this.#recover()
      await this.#verify()
    }
    for (const machine of this.#machines) await machine.stop()
    await this.#oracle.look()
    const { judged, vouched, term } = this.#oracle
    return { steps: this.#steps, faults: this.#faults, judged, vouched, terms: term }
  }

  get #steps(): number {
    return this.universe.moments + this.#faults
  }

  async #chaos(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      if (this.#random() < 0.15) await this.#fault()
      await this.#advance(1_000)
    }
  }

  /** Everything is well again, for as long as it takes to see everything. */
  async #recover(): Promise<void> {
    for (const machine of this.#machines) {
      await machine.thaw(this.#random() < 0.3)
      if (machine.runner) machine.way.mood = 'well'
      if (machine.runner) machine.way.killAt = undefined
      machine.disk.broken = undefined
      if (!machine.runner) await machine.boot()
    }
    await this.#advance(45_000)
  }

  async #verify(): Promise<void> {
    const leaders = this.#machines.filter(({ runner }) => runner?.leadership().standing === 'leading')
    insist(leaders.length === 1, `${leaders.length} lead`)
    const { downtimes, services } = await this.#oracle.look()
    if (this.#machines.length === 1 && !this.#options.skewed) await this.#oracle.checkTold()
    const open = new Map(
      downtimes.filter(({ end }) => end === null).map(({ service, start }) => [service, start]),
    )
    const status = leaders[0]!.runner!.status()
    const watched = services.filter(({ monitored }) => monitored.at(-1)?.end === null).map(({ id }) => id)
    const said = (ids: readonly string[]) => [...ids].sort().join(' ')
    insist(
      said(watched) === said(status.map(({ id }) => id)),
      'the record knows other services than the leader',
    )
    for (const { id, status: now } of status)
      insist(
        open.has(id) === (now === 'down'),
        `${id} is ${now}, and the record says ${open.get(id) ?? 'up'}`,
      )
  }

  async #fault(): Promise<void> {
    this.#faults++
    const machine = this.#machines[this.#below(this.#machines.length)]!
    const faults: (() => unknown)[] = [
      () => this.#sulk(machine, ['fail', 'hang', 'lose-reply'][this.#below(3)] as Mood),
      () => this.#sulk(machine, 'well'),
      () => this.#sulkAll(['fail', 'hang', 'well', 'well'][this.#below(4)] as Mood),
      () => machine.kill(),
      () => this.#killAtWrite(machine),
      () => (machine.runner ? machine.stop() : machine.boot()),
      () => (machine.runner ? undefined : machine.boot()),
      () => machine.freeze(),
      () => machine.thaw(this.#random() < 0.3),
      () => this.#change(machine),
      () => {
        // Alone, it promises that nothing is lost; without a disk it cannot.
        if (this.#machines.length === 1) return
        machine.disk.broken = this.#random() < 0.3 ? 'no space left on device' : undefined
      },
      () => this.#setClock(machine),
      () => this.#restore(),
    ]
    const index = this.#below(faults.length)
    this.script.push(`${this.universe.time} ${machine.id} ${FAULTS[index]}`)
    await faults[index]!()
  }

  #sulk(machine: Machine, mood: Mood): void {
    if (machine.runner) machine.way.mood = mood
  }

  #sulkAll(mood: Mood): void {
    for (const machine of this.#machines) this.#sulk(machine, mood)
  }

  #killAtWrite(machine: Machine): void {
    if (machine.runner) machine.way.killAt = { writes: 1 + this.#below(20), after: this.#random() < 0.5 }
  }

  /** An older copy takes the place of the record, or one is made. Several that share it might not notice: it may be longer again. */
  #restore(): void {
    if (this.#machines.length > 1 || this.#options.skewed) return
    if (this.#random() < 0.5) this.#backup = new Backup(this.universe.place)
    else this.#oracle.forget(this.#backup.restore())
  }

  #setClock(machine: Machine): void {
    if (this.#options.skewed && machine.runner)
      machine.clock.jump(Math.round((this.#random() - 0.5) * 4 * HOUR))
  }

  /** The provider's set changes; the config's with the next start. */
  #change(machine: Machine): void {
    const keep = () => this.#random() < 0.8
    this.universe.names = {
      config: this.#all.slice(0, -5).filter((name) => keep() || name === 's0'),
      provider: this.#all.slice(-5).filter(keep),
    }
    for (const one of this.#machines) if (one.runner) one.putProvided()
    void machine
  }

  async #advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += TICK) {
      const order = [...this.#machines].sort(() => this.#random() - 0.5)
      for (const machine of order) await machine.advance(TICK)
      this.universe.time += TICK
    }
  }

  #isUp(service: string): boolean {
    const known = this.#truth.get(service)
    if (known && known.until > this.universe.time) return known.isUp
    const isUp = known ? !known.isUp : true
    const lasts = isUp ? 2_000 + this.#random() * 30_000 : 200 + this.#random() * 8_000
    this.#truth.set(service, { isUp, until: this.universe.time + lasts })
    return isUp
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}
