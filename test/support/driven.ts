import type { FactRecord } from './fact-record.js'
import type { Switches } from './switches.js'
import type { Line, Running } from './uptime.js'

/** An outage that a test has made: from when, and to when, in ms since the epoch. */
interface Outage {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** What may pass until a check sees what happened, in ms. */
const SEEN = 5_000
/** By how much a time of a run, its start and what has passed since, may be ahead of the wall clock, in ms: both are whole, and one is corrected. */
const CLOCKS = 5

/** Outages that a test makes, each of which somebody has seen begin and end. */
export class Driven {
  readonly outages: Outage[] = []
  readonly #switches: Switches
  readonly #since = new Map<string, number>()

  constructor(switches: Switches) {
    this.#switches = switches
  }

  begin(name: string): void {
    this.#since.set(name, Date.now())
    this.#switches.set(name, true)
  }

  /** Waits until the one that leads has found it. */
  async seen(name: string, leader: Running): Promise<void> {
    await this.#checked(name, 'down', leader)
  }

  /** Waits until it is on record as well. */
  async stored(name: string, leader: Running): Promise<void> {
    const isOf = (line: Line) => line.event === 'transition' && line.name === name
    await leader.until(
      (line) => line === leader.lines.findLast(isOf) && line.to === 'down' && line.stored === true,
    )
  }

  async end(name: string, leader: Running): Promise<void> {
    await this.seen(name, leader)
    this.outages.push({ name, from: this.#since.get(name)!, to: Date.now() })
    this.#switches.set(name, false)
    await this.#checked(name, 'up', leader)
  }

  /** Each has one downtime, at its time, and there are no others. Returns what is wrong, in words. @param isTimed whether all clocks agree */
  faultsOf({ services, downtimes }: FactRecord, isTimed = true, names = this.#switches.names): string[] {
    return names.flatMap((name) => {
      const id = services.find((service) => service.name === name)?.id
      const found = downtimes.filter(({ service }) => service === id).sort((a, b) => a.start - b.start)
      const made = this.outages.filter((outage) => outage.name === name)
      const isSo = made.every(({ from, to }, index) => {
        const { start = 0, end = null } = found[index] ?? {}
        return (
          !isTimed || (start >= from - CLOCKS && start < to && end !== null && end >= to && end < to + SEEN)
        )
      })
      if (isSo && found.length === made.length) return []
      return [`${name}: made were ${JSON.stringify(made)}, found ${JSON.stringify(found)}`]
    })
  }

  async #checked(name: string, status: string, leader: Running): Promise<void> {
    const from = leader.lines.length
    await leader.until(
      (line) =>
        line.event === 'check' &&
        line.name === name &&
        line.status === status &&
        leader.lines.indexOf(line, from) >= from,
    )
  }
}
