import { stopped } from '../servers/process.js'
import { type InstanceOptions, startInstance } from './instance.js'
import { isLocked } from './sqlite-lock.js'
import type { Switches } from './switches.js'
import { type Line, type Running, sleep } from './uptime.js'

/** What any change among instances may take, in ms. */
const PATIENCE = 20_000

/** Several monitors of one record, one of which leads. */
export class Ensemble implements AsyncDisposable {
  readonly #switches: Switches
  readonly #all: Running[] = []
  readonly #alive = new Set<Running>()

  constructor(switches: Switches) {
    this.#switches = switches
  }

  /** What everybody has said, those that are gone as well. */
  get lines(): Line[] {
    return this.#all.flatMap(({ lines }) => lines)
  }

  /** Stops one, but not in the middle of a write: it would keep the SQLite file locked for as long as it is stopped. */
  async freeze(instance: Running): Promise<void> {
    const path = this.#switches.project.path('uptime.db')
    for (;;) {
      instance.signal('SIGSTOP')
      await stopped(instance.pid)
      if (!isLocked(path)) return
      instance.signal('SIGCONT')
      await sleep(50)
    }
  }

  start(options: InstanceOptions = {}): Running {
    const instance = startInstance(this.#switches.project, options)
    this.#all.push(instance)
    this.#alive.add(instance)
    return instance
  }

  /** Ends one, and waits for its end. */
  async end(instance: Running, signal: NodeJS.Signals): Promise<void> {
    this.#alive.delete(instance)
    await instance.end(signal)
  }

  /** The one that leads, when exactly one does. @param except one that does not know how things stand */
  leader(except?: Running): Promise<Running> {
    return this.#when(except, () => true)
  }

  /** The same, when all others stand by. */
  settled(): Promise<Running> {
    return this.#when(undefined, (others) => others.every((other) => standingOf(other) === 'standby'))
  }

  async #when(except: Running | undefined, isSo: (others: Running[]) => boolean): Promise<Running> {
    for (const deadline = Date.now() + PATIENCE; ; await sleep(10)) {
      const asked = [...this.#alive].filter((instance) => instance !== except)
      const [leader, ...more] = asked.filter((instance) => standingOf(instance) === 'leading')
      if (leader && !more.length && isSo(asked.filter((one) => one !== leader))) return leader
      if (Date.now() > deadline)
        throw new Error(`nobody leads, or two do: ${asked.map(standingOf)}${this.#words()}`)
    }
  }

  #words(): string {
    const said = this.lines.filter(({ event }) => event !== 'check').slice(-40)
    return said.map((line) => `\n${JSON.stringify(line)}`).join('')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#alive].map((instance) => this.end(instance, 'SIGKILL')))
  }
}

function standingOf(instance: Running): unknown {
  return instance.lines.findLast(({ event }) => event === 'leadership')?.standing
}
