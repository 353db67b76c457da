import { randomBytes } from 'node:crypto'
import type { Clock, Event } from '../contracts.js'
import type { Journal } from '../journal/journal.js'
import type { Kept } from '../journal/safekeeping.js'

/** A fact as its finder states it; the ledger adds id, time and run. */
export type Statement<E extends Event = Event> = E extends Event ? Omit<E, 'id' | 'at' | 'run'> : never

/** Both clocks are read within this, if that can be, in ms. */
const TOGETHER = 1
const ATTEMPTS = 10
/** Wall and monotonic clock further apart than this are a clock that was set, or a suspend, in ms. */
const DRIFT = 2_000

/**
 * Gives facts their ids and their times. A run's time is its anchor plus the monotonic clock, so within a run it
 * never goes back, whatever happens to the wall.
 */
export class Ledger {
  readonly #clock: Clock
  readonly #journal: Journal
  #run = ''
  #count = 0
  #wall = 0
  #monotonic = 0
  #last = 0
  /** Nothing that is stated proves that the run is alive: facts were lost, so it must not vouch for this time. */
  mute = false

  constructor(clock: Clock, journal: Journal) {
    this.#clock = clock
    this.#journal = journal
    this.begin()
  }

  /** The id of the present run. */
  get run(): string {
    return this.#run
  }

  /** When the present run began. */
  get start(): number {
    return this.#wall
  }

  /** Starts a new run with a new anchor. */
  begin(): void {
    this.#run = runId()
    this.mute = false
    this.#count = 0
    const { wall, monotonic } = anchorOf(this.#clock)
    this.#wall = wall
    this.#monotonic = monotonic
    this.#last = this.#wall
  }

  /** The time of this run at a moment of the monotonic clock. */
  time(monotonic: number): number {
    return this.#wall + Math.floor(monotonic - this.#monotonic)
  }

  now(): number {
    return this.time(this.#clock.monotonic())
  }

  /** Whether wall and monotonic clock have parted. */
  get drifted(): boolean {
    return Math.abs(this.#clock.now() - this.now()) > DRIFT
  }

  /** Proof of life at a moment of the monotonic clock. */
  alive(monotonic: number): void {
    if (this.mute) return
    const at = Math.max(this.#last, this.time(monotonic))
    this.#journal.append(this.#fact({ type: 'alive', start: this.#wall }, at))
  }

  /** States a fact that became known at a moment of the monotonic clock, by default now. Returns its id. */
  state(statement: Statement, kept?: Kept, monotonic = this.#clock.monotonic()): string {
    const fact = this.#fact(statement, Math.max(this.#last, this.time(monotonic)))
    this.#journal.append(fact, kept)
    return fact.id
  }

  /**
   * States that nobody looks. Proves no life: when only the first of several such words is kept, it must not vouch for
   * those that the others were about.
   */
  admit(statement: Statement, monotonic = this.#clock.monotonic()): void {
    this.#journal.append(this.#fact(statement, Math.max(this.#last, this.time(monotonic)), true))
  }

  #fact(statement: Statement, at: number, mute = this.mute): Event {
    this.#last = at
    const id = `${this.#run}-${(++this.#count).toString(36)}`
    return { id, at, ...(!mute && { run: this.#run }), ...statement } as Event
  }
}

/** Both clocks at one moment. On a busy machine others may come in between, and all times of the run would be wrong by that. */
function anchorOf(clock: Clock): { readonly wall: number; readonly monotonic: number } {
  let [wall, monotonic, apart] = [0, 0, Number.POSITIVE_INFINITY]
  for (let attempt = 0; attempt < ATTEMPTS && apart > TOGETHER; attempt++) {
    const before = clock.monotonic()
    const now = Math.floor(clock.now())
    const took = clock.monotonic() - before
    if (took < apart) [wall, monotonic, apart] = [now, before, took]
  }
  return { wall, monotonic }
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Ten characters that are easy to read out: 50 bits. */
function runId(): string {
  return Array.from(randomBytes(10), (byte) => ALPHABET[byte & 31]).join('')
}
