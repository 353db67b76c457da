import type { Clock } from '../contracts.js'

/** Something that is to happen at a moment of the monotonic clock. Belongs to one timeline at most. */
export interface Task {
  /** When, in monotonic ms. Set by the timeline. */
  at: number
  /** Its place in the heap, -1 while it is not scheduled. Set by the timeline. */
  place: number
  run(now: number): void
}

/** Timers are cut to whole milliseconds below, so one may ring this much too early. */
const EARLY = 1
const LONGEST_WAIT = 3_600_000

/** Everything that is to happen, in one binary heap over one timer. */
export class Timeline {
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #onWake: (now: number) => void
  readonly #heap: Task[] = []
  #cancel: (() => void) | undefined
  #armedFor = Number.POSITIVE_INFINITY
  #draining = false

  /** @param onWake told whenever the timer rings, before anything else happens */
  constructor(
    clock: Clock,
    onError: (error: unknown) => void,
    onWake: (now: number) => void = () => undefined,
  ) {
    this.#clock = clock
    this.#onError = onError
    this.#onWake = onWake
  }

  /** Schedules a task, or moves it when it is scheduled already. */
  set(task: Task, at: number): void {
    task.at = at
    if (task.place < 0) {
      task.place = this.#heap.length
      this.#heap.push(task)
    } else {
      this.#sink(task)
    }
    this.#rise(task)
    if (!this.#draining && at < this.#armedFor) this.#arm()
  }

  cancel(task: Task): void {
    const { place } = task
    if (place < 0) return
    const last = this.#heap.pop()!
    task.place = -1
    if (last === task) return
    this.#put(last, place)
    this.#sink(last)
    this.#rise(last)
  }

  /** Forgets every task. */
  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
    for (const task of this.#heap) task.place = -1
    this.#heap.length = 0
  }

  #arm(): void {
    this.#cancel?.()
    const first = this.#heap[0]
    this.#cancel = undefined
    this.#armedFor = first?.at ?? Number.POSITIVE_INFINITY
    if (!first) return
    const wait = Math.min(Math.max(Math.ceil(first.at - this.#clock.monotonic()), 0), LONGEST_WAIT)
    this.#cancel = this.#clock.timer(() => this.#drain(), wait)
  }

  #drain(): void {
    const now = this.#clock.monotonic()
    this.#draining = true
    this.#onWake(now)
    for (let task = this.#heap[0]; task && task.at < now + EARLY; task = this.#heap[0]) {
      this.cancel(task)
      try {
        task.run(now)
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#draining = false
    this.#arm()
  }

  #put(task: Task, place: number): void {
    this.#heap[place] = task
    task.place = place
  }

  #rise(task: Task): void {
    let { place } = task
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1]!
      if (parent.at <= task.at) break
      this.#put(parent, place)
      place = (place - 1) >> 1
    }
    this.#put(task, place)
  }

  #sink(task: Task): void {
    const heap = this.#heap
    let { place } = task
    for (;;) {
      const left = 2 * place + 1
      if (left >= heap.length) break
      const child = heap[left + 1] && heap[left + 1]!.at < heap[left]!.at ? heap[left + 1]! : heap[left]!
      if (child.at >= task.at) break
      const free = child.place
      this.#put(child, place)
      place = free
    }
    this.#put(task, place)
  }
}
