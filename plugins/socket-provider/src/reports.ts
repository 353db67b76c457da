import { type Clock, formatDuration } from '@uptimeserver/core'

/** What a program says of a service. */
export interface Report {
  readonly status: 'up' | 'down'
  /** When it was so, in ms since the epoch. */
  readonly at: number
  readonly reason?: string | undefined
}

/** What outlives a restart. */
export interface Memory {
  readonly report?: Report | undefined
  /** For how long nothing was reported while somebody listened, in ms. */
  readonly silence?: number | undefined
  /** Since when it is down by silence, in ms since the epoch. */
  readonly lateSince?: number | undefined
}

/** What a check says of it. */
export interface Verdict extends Report {
  /** When the report was of that it comes from; `null` where there has been none. */
  readonly reported: number | null
}

/** Changes that wait for a check, at most. */
const MOST_CHANGES = 20

/**
 * The reports on one service. A change between two checks is not lost when the next one comes before the check does: each
 * check hands on one.
 */
export class Reports {
  #last: Report | undefined
  #lateSince: number | undefined
  /** From when silence counts, on the clock that never goes back; as if there had been no time in which nobody listened. */
  #heard: number
  readonly #changes: Verdict[] = []
  #told: Report['status'] | undefined

  /**
   * @param since when the service was declared, or this began to listen, on the clock that never goes back
   * @param memory what was so before that
   */
  constructor(since: number, { report, silence = 0, lateSince }: Memory = {}) {
    this.#heard = since - silence
    this.#last = report
    this.#lateSince = lateSince
  }

  get last(): Report | undefined {
    return this.#last
  }

  /** How long nothing was reported while somebody listened, in ms. */
  silence(clock: Clock): number {
    return Math.max(0, Math.floor(clock.monotonic() - this.#heard))
  }

  memory(clock: Clock, deadline: number): Memory {
    const lateSince = this.#silent(clock, deadline)?.at
    return { report: this.#last, silence: this.silence(clock), lateSince }
  }

  /**
   * Takes a report.
   *
   * @param at when it was so, as the program says; absent: now
   * @returns what was taken, or `undefined` when a later one is known
   */
  take(
    clock: Clock,
    { at, ...said }: Omit<Report, 'at'> & { at?: number | undefined },
    deadline: number,
  ): Report | undefined {
    const now = Math.floor(clock.now())
    if (this.#isKnownLater(at, now)) return undefined
    const report = { ...said, at: Math.min(at ?? now, now) }
    const silent = this.#silent(clock, deadline)
    if (silent) this.#change(silent)
    this.#change({ ...report, reported: report.at })
    this.#last = report
    this.#lateSince = undefined
    this.#heard = Math.max(this.#heard, clock.monotonic() - (now - report.at))
    return report
  }

  /** What the next check says; `undefined` while nothing was reported and there is time yet. */
  next(clock: Clock, deadline: number): Verdict | undefined {
    const verdict = this.#changes.shift() ?? this.#silent(clock, deadline) ?? this.#lasting()
    this.#told = verdict?.status
    return verdict
  }

  /** A clock that was set back makes no report late. */
  #isKnownLater(at: number | undefined, now: number): boolean {
    const last = this.#last?.at
    return at !== undefined && last !== undefined && last <= now && at < last
  }

  #lasting(): Verdict | undefined {
    return this.#last && { ...this.#last, reported: this.#last.at }
  }

  /** Whoever is down by its own word has said why. */
  #silent(clock: Clock, deadline: number): Verdict | undefined {
    const silence = clock.monotonic() - this.#heard
    if (silence < deadline) this.#lateSince = undefined
    if (silence < deadline || this.#last?.status === 'down') return undefined
    this.#lateSince ??= Math.floor(clock.now() - (silence - deadline))
    const at = this.#lateSince
    const reason = `no report for ${formatDuration(silence)} (deadline ${formatDuration(deadline)})`
    return { status: 'down', at, reason, reported: this.#last?.at ?? null }
  }

  #change(verdict: Verdict): void {
    const before = this.#changes.at(-1)?.status ?? this.#told
    if (verdict.status === before) return
    // Beyond that one short outage is left out, rather than how it stands in the end.
    if (this.#changes.length >= MOST_CHANGES) this.#changes.pop()
    else this.#changes.push(verdict)
  }
}
