import type { Bookkeeper } from './bookkeeper.js'
import type { Ledger } from './ledger.js'
import type { Restored } from './restore.js'
import type { Launch, Target } from './target.js'

const UNSEEN = 'not checked yet in this run'
const LATE = 'the check could not start in time'
/** Also what is shown of a service meanwhile. */
export const BLIND = 'the monitor could reach nothing: its own network was gone'

/**
 * Since when nobody looks at a service, in ms since the epoch: it was not checked yet in this run, or its check is owed
 * for longer than an interval. `undefined` while somebody does.
 *
 * @param monotonic as of when
 */
export function blindSince(target: Target, ledger: Ledger, monotonic: number): number | undefined {
  const { gap, launch, unseen, at, timing } = target
  if (gap !== undefined) return gap
  if (launch) return undefined
  if (unseen) return Math.max(ledger.start, unseen.since)
  return monotonic - at > timing.every ? ledger.time(at) : undefined
}

export interface BlindnessParts {
  readonly ledger: Ledger
  readonly books: Bookkeeper
  readonly targets: ReadonlyMap<string, Target>
  readonly restored: Restored
}

/** Puts on record whom nobody looks at, while that goes on: a process that ends without a word must vouch for nothing. */
export class Blindness {
  readonly #parts: BlindnessParts

  constructor(parts: BlindnessParts) {
    this.#parts = parts
  }

  /** @param patience what may pass before the first check of a run, in ms */
  note(monotonic: number, patience: number): void {
    const { ledger, targets } = this.#parts
    for (const target of targets.values()) {
      if (target.gap !== undefined) continue
      const since = blindSince(target, ledger, monotonic)
      if (since !== undefined) this.#noteTarget(target, since, monotonic, patience)
    }
    for (const id of this.#parts.restored.services.keys()) this.#noteRestored(id, monotonic, patience)
  }

  /** Since when nobody looks at a service that no source has handed over again. */
  sinceRestored(id: string): number {
    const { restored, ledger } = this.#parts
    const monitored = restored.services.get(id)?.monitored.at(-1)?.start ?? 0
    return restored.gaps.get(id) ?? Math.max(ledger.start, monitored)
  }

  #noteTarget(target: Target, since: number, monotonic: number, patience: number): void {
    const { ledger, books } = this.#parts
    if (ledger.time(monotonic) - since <= (target.unseen ? patience : 0)) return
    if (target.record === 'none') return
    if (books.blind(target.id, since, target.unseen ? UNSEEN : LATE, monotonic)) target.gap = since
  }

  #noteRestored(id: string, monotonic: number, patience: number): void {
    const { ledger, books, restored } = this.#parts
    if (restored.gaps.has(id)) return
    const since = this.sinceRestored(id)
    if (ledger.time(monotonic) - since <= patience) return
    if (books.blind(id, since, UNSEEN, monotonic)) restored.gaps.set(id, since)
  }
}

/** What a check said proves nothing, because the monitor could reach nothing: nobody has seen the service since the last verdict. */
export function loseSight(
  target: Target,
  { at, afterHole }: Launch,
  ledger: Ledger,
  books: Bookkeeper,
): void {
  const { id, lastCheck, record, gap } = target
  const isSeen = !afterHole && lastCheck !== null && lastCheck >= ledger.start
  const since = isSeen ? Math.min(lastCheck, at) : at
  if (record !== 'none' && gap === undefined && books.blind(id, since, BLIND)) target.gap = since
}

/** Closes the time that went before a check. Returns whether that was longer than one interval. */
export function endBlindness(target: Target, ledger: Ledger, books: Bookkeeper, monotonic: number): boolean {
  const since = blindSince(target, ledger, monotonic)
  const { unseen, timing } = target
  target.unseen = undefined
  if (since === undefined) return false
  const start = ledger.time(monotonic)
  books.gap(target, since, start, unseen ? UNSEEN : LATE)
  return start - (unseen?.observedUntil ?? since) > timing.every
}
