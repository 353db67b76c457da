import { appendFileSync } from 'node:fs'

/**
 * Notes every durable write of this process, each on a line of a file, right before and right after it: `before storage record 3`.
 * At one of these lines the process dies.
 */
export class Writes {
  #file
  #deadly
  #counts = new Map()

  /** @param deadly the line at which it dies */
  constructor(file, deadly) {
    this.#file = file
    this.#deadly = deadly
  }

  /** @param kind what is written; each kind is counted by itself, as what is written side by side has no order */
  async around(kind, work) {
    const number = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, number)
    this.#pass(`before ${kind} ${number}`)
    const result = await work()
    this.#pass(`after ${kind} ${number}`)
    return result
  }

  /** Written down at once, so that the last line is the place of death. */
  #pass(line) {
    appendFileSync(this.#file, `${line}\n`)
    if (line === this.#deadly) die()
  }
}

/** At once, by the hand of the system: nothing is closed, told or delivered. */
export function die() {
  process.kill(process.pid, 'SIGKILL')
}
