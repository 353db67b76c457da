// What a monitor tells while nine of its services hang and some of the others fail.
import { setTimeout as sleep } from 'node:timers/promises'

/** Of twenty services that answer, so many begin to fail in each way. */
const FAILING = { wrong: [0, 1, 2], none: [3, 4, 5] }

/** In ms. */
const EARLY = 50

/** One of ten services answers, the nine before it hang. */
export function sidesOf(paths) {
  const answering = paths.filter((_, index) => index % 10 === 9)
  const kinds = Object.entries(FAILING)
  const kindOf = (index) => kinds.find(([, places]) => places.includes(index % 20))?.[0]
  return {
    hanging: paths.filter((_, index) => index % 10 !== 9),
    failing: new Map(
      answering.map((path, index) => [path, kindOf(index)]).filter(([, kind]) => kind !== undefined),
    ),
    answering,
  }
}

export class HangingWatch {
  /** When which failing service was down in the storage, in ms since the epoch. */
  #downAt = new Map()
  #statuses = new Map()
  /** When the next check of a hanging service is due. */
  #due = new Map()
  #sides
  #every
  #isHanging
  #begun
  #checks = []

  constructor(runner, { paths, every, isHanging }) {
    this.#sides = sidesOf(paths)
    this.#every = every
    this.#isHanging = isHanging
    this.hangs = new Set(isHanging ? this.#sides.hanging : [])
    runner.on('check', (event) => this.#onCheck(event))
    runner.on('transition', ({ service, to, stored }) => {
      this.#statuses.set(service.name, to)
      if (to === 'down' && stored) this.#downAt.set(service.name, Date.now())
    })
  }

  get failing() {
    return this.#sides.failing
  }

  /** Until every service is known to be as it is, and then for two intervals. */
  async settled() {
    const { hanging, answering } = this.#sides
    const is = (path, wanted) => this.#statuses.get(path) === wanted
    const isSettled = () =>
      hanging.every((path) => is(path, this.#isHanging ? 'down' : 'up')) &&
      answering.every((path) => is(path, 'up'))
    while (!isSettled()) await sleep(1_000)
    await sleep(2 * this.#every)
  }

  /** Counts from now on. */
  begin() {
    this.#begun = Date.now()
  }

  /** Until all that fail are down, or as long as somebody can wait. */
  async foundAll(patience) {
    const end = Date.now() + patience
    const isFound = () => [...this.failing.keys()].every((path) => this.#downAt.has(path))
    while (Date.now() < end && !isFound()) await sleep(100)
    await sleep(Math.max(0, this.#begun + 6 * this.#every - Date.now()))
  }

  /** @param since when they began to fail */
  result(since) {
    const end = Date.now()
    const found = Object.fromEntries(Object.keys(FAILING).map((kind) => [kind, []]))
    for (const [path, kind] of this.failing) found[kind].push((this.#downAt.get(path) ?? end) - since)
    const others = new Set(this.#sides.answering.filter((path) => !this.failing.has(path)))
    const steady = this.#checks.filter(({ path }) => others.has(path))
    const hanging = this.#checks.filter(({ path }) => this.hangs.has(path))
    return {
      ...{ found, lateness: steadyLateness(steady, this.#every) },
      skipped: this.#skipped(steady, others, end),
      seconds: (end - this.#begun) / 1_000,
      hanging: hanging.length,
      waited: hanging.filter(({ at, due }) => due !== undefined && at - due > this.#every),
    }
  }

  #onCheck({ service: { id, name: path, nextCheck }, at }) {
    const due = this.#due.get(path)
    this.#due.set(path, nextCheck)
    if (this.#begun !== undefined) this.#checks.push({ id, path, at, due })
  }

  #skipped(steady, others, end) {
    const counts = new Map()
    for (const { path } of steady) counts.set(path, (counts.get(path) ?? 0) + 1)
    const least = Math.floor((end - this.#begun) / this.#every)
    return [...others].reduce((sum, path) => sum + Math.max(0, least - (counts.get(path) ?? 0)), 0)
  }
}

function steadyLateness(checks, every) {
  return checks.map(({ id, at }) => {
    const phase = Math.floor((Number.parseInt(id.slice(0, 8), 16) / 2 ** 32) * every)
    const late = (((at - phase) % every) + every) % every
    // Wall and monotonic clock part by some milliseconds meanwhile, so one that is exact may look early.
    return late > every - EARLY ? 0 : late
  })
}
