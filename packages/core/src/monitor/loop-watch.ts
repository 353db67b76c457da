import type { Clock } from '../contracts.js'
import { titleOf } from '../describe.js'
import type { BlockedEvent } from '../events.js'

/** A loop that stands still for longer than this is an incident, in ms. */
const BLOCKED = 250
/** A check that keeps the loop to itself for this long in one go is named when it is one. */
const HELD = 100

interface Named {
  readonly facts: { readonly kind: string; readonly name: string }
}

export interface Standstill<By> {
  readonly ms: number
  /** Whose call kept the loop. That is certain. */
  readonly culprits: readonly By[]
  /** Where there is none: whose check ended after it. */
  readonly suspects: readonly string[]
  /** Whether this process was at work meanwhile: otherwise it was stopped, and no check is to blame. */
  readonly wasBusy: boolean
}

/** How many of those in flight are named where nobody is known to have done it. */
const MOST_NAMED = 5

/** Who is to be told: the culprits, or else the suspects, or else who was in flight. */
export function whoBlocked<By extends Named>(
  { ms, culprits, suspects }: Standstill<By>,
  inFlight: readonly By[],
): Pick<BlockedEvent, 'ms' | 'suspects' | 'certain'> {
  const certain = culprits.length > 0
  const others = suspects.length ? suspects : titles(inFlight.slice(0, MOST_NAMED))
  return { ms, certain, suspects: certain ? titles(culprits) : others }
}

function titles(named: readonly Named[]): string[] {
  return named.map(({ facts }) => titleOf(facts))
}

/** Notices when the event loop stood still, and who was at it. */
export class LoopWatch<By extends Named> {
  /** How long it has stood still in all, in ms. */
  blockedMs = 0
  readonly #clock: Clock
  readonly #held = new Set<By>()
  readonly #suspects = new Set<string>()
  #lastTurn: number
  #cpu = process.cpuUsage()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#lastTurn = clock.monotonic()
  }

  /** A check was called and kept the loop for so long before it returned. Returns whether that was long. */
  held(by: By, ms: number): boolean {
    if (ms >= HELD) this.#held.add(by)
    this.#lastTurn = this.#clock.monotonic()
    return ms >= HELD
  }

  /** A check has just ended. When nothing else could run for long before that, it is a suspect. */
  turned(by: By): void {
    const now = this.#clock.monotonic()
    if (now - this.#lastTurn > 2 * BLOCKED && this.#suspects.size === 0) this.#suspects.add(titleOf(by.facts))
    this.#lastTurn = now
  }

  /** The loop came around, so much later than it should have. Returns the incident, if it is one. */
  beat(lateMs: number): Standstill<By> | undefined {
    const [culprits, suspects] = [[...this.#held], [...this.#suspects]]
    this.#held.clear()
    this.#suspects.clear()
    this.#lastTurn = this.#clock.monotonic()
    const { user, system } = process.cpuUsage(this.#cpu)
    this.#cpu = process.cpuUsage()
    if (lateMs < BLOCKED) return undefined
    this.blockedMs += lateMs
    return { ms: Math.round(lateMs), culprits, suspects, wasBusy: (user + system) / 1_000 > lateMs / 2 }
  }
}
