import { inTime, sleep } from '../clock.js'
import type { Clock, Lease, LeaseRecord, LeaseStore, Logger } from '../contracts.js'
import { formatDuration } from '../duration.js'
import { UptimeError } from '../errors.js'
import { reasonOf } from '../outcome.js'
import type { Instance } from './instance.js'

/** How leases are held, in ms. */
export interface LeaseTiming {
  /** How long others wait without a sign of the holder before one of them takes over. */
  readonly duration: number
  /** How long a holder that cannot renew goes on writing. Less than `duration`, so that two never write. */
  readonly renew: number
  /** From one attempt to renew, or to take over, to the next. */
  readonly retry: number
}

/**
 * `waiting`: nothing is known of the others yet. `standby`: another one leads. `leading`: this one does, and writes.
 * `lapsed`: it could not renew in time, so it does not write; nobody is known to have taken over.
 */
export type Standing = 'waiting' | 'standby' | 'leading' | 'lapsed'

export interface LeadershipParts {
  readonly leases: LeaseStore
  readonly clock: Clock
  readonly log: Logger
  readonly instance: Instance
  readonly timing: LeaseTiming
  /** The highest term in the log. */
  readonly lastTerm: () => Promise<number>
  /** Whether this instance checks on its own account, because nobody could be asked. */
  readonly isChecking: () => boolean
  readonly onStanding: (standing: Standing) => void
}

/**
 * Holds the lease of a monitor, or waits for it. A holder is timed on one's own clock, by how long its record does not change
 * while it can be seen: clocks may be hours apart, and a storage that was away deposes nobody. After the leader election of
 * Kubernetes' client-go.
 */
export class Leadership {
  readonly #parts: LeadershipParts
  #standing: Standing = 'waiting'
  #record: LeaseRecord | undefined
  /** Since when the record is seen to be the same, and when it was seen last, in monotonic ms. */
  #sameSince = Number.POSITIVE_INFINITY
  #seenAt = Number.NEGATIVE_INFINITY
  /** When the last renewal that succeeded was begun, in monotonic ms, and in ms since the epoch. */
  #renewedAt = Number.NEGATIVE_INFINITY
  #renewedOn = Number.NEGATIVE_INFINITY
  #predecessorEnds = Number.NEGATIVE_INFINITY
  /** Since when nothing could be seen, or written, in monotonic ms. */
  #failingSince: number | undefined
  #wake = new AbortController()

  constructor(parts: LeadershipParts) {
    this.#parts = parts
  }

  get standing(): Standing {
    return this.#standing
  }

  /** What is on record, as it was seen last. */
  get lease(): Lease | undefined {
    return this.#record?.lease
  }

  get term(): number {
    return this.#record?.lease.term ?? 0
  }

  /**
   * Asked before each write: a process that was frozen meanwhile must not find out afterwards. By both clocks, as the monotonic one
   * stands still while a machine sleeps.
   */
  get mayWrite(): boolean {
    const { clock, timing } = this.#parts
    const isRecent = clock.monotonic() - this.#renewedAt < timing.renew
    return this.#holds && isRecent && clock.now() < this.authorityEnds
  }

  /** The end of the time that this holder may vouch for, as of its last renewal, in ms since the epoch. */
  get authorityEnds(): number {
    return this.#renewedOn + this.#parts.timing.renew
  }

  /** It holds the lease as far as anybody knows, and has to renew it before it writes. */
  get isLate(): boolean {
    return this.#holds && !this.mayWrite
  }

  /** Until when the one that led before may still vouch for what it found, by its clock, in ms since the epoch. */
  get predecessorEnds(): number {
    return this.#predecessorEnds
  }

  get #holds(): boolean {
    return this.#standing === 'leading' || this.#standing === 'lapsed'
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.hurry(), { once: true })
    while (!signal.aborted) {
      await sleep(this.#parts.clock, this.#parts.timing.retry, this.#wake.signal)
      this.#wake = new AbortController()
      if (!signal.aborted) await this.step()
    }
  }

  /** Looks at once: something says that another one leads. */
  hurry(): void {
    this.#wake.abort()
  }

  /** The record in which it held the lease may be gone, with the lease: it looks who leads by what is there now. */
  reconsider(): void {
    this.#become('standby')
    this.hurry()
  }

  /** One attempt to renew or to take over. Never throws. Returns what went wrong. */
  async step(): Promise<unknown> {
    try {
      await (this.#holds ? this.#renew() : this.#campaign())
      this.#failingSince = undefined
      return undefined
    } catch (error) {
      this.#parts.log.debug('the lease could not be seen', { error: reasonOf(error) })
      if (this.isLate) this.#become('lapsed')
      if (!this.#holds) this.#despair()
      return error
    }
  }

  /** One that stood by and cannot see any more who leads, if anybody does: whoever did may be gone with the storage. */
  #despair(): void {
    const { clock, timing } = this.#parts
    this.#failingSince ??= clock.monotonic()
    if (clock.monotonic() - this.#failingSince >= timing.duration) this.#become('waiting')
  }

  /** Gives the lease back, so that nobody has to wait for it. */
  async release(): Promise<void> {
    if (!this.mayWrite || !this.#record) return
    const { lease, token } = this.#record
    this.#become('standby')
    await this.#ask((store) => store.write({ ...lease, holder: null }, token))
  }

  async #renew(): Promise<void> {
    const { lease, token } = this.#record!
    if (await this.#write(lease, token)) return this.#become('leading')
    this.#observe(await this.#ask((store) => store.read()))
    // Under another term it is not what was held: an older copy of the record took its place.
    if (!this.#isMine() || this.term !== lease.term) return this.#become('standby')
    throw new UptimeError('STORAGE_BUSY', 'the answer to a renewal was lost; the next one will do')
  }

  async #campaign(): Promise<void> {
    const isAlive = this.#observe(await this.#ask((store) => store.read()))
    if (!this.#isFree()) {
      // One that checks goes on until it is certain that another one does.
      if (isAlive || !this.#parts.isChecking()) this.#become('standby')
      return
    }
    const { instance, clock, lastTerm } = this.#parts
    const now = Math.floor(clock.now())
    const isOurs = this.#isMine()
    this.#predecessorEnds = this.#endOfPredecessor()
    const term = isOurs ? this.term : Math.max(this.term, await this.#ask(() => lastTerm())) + 1
    const lease = {
      holder: instance.id,
      term,
      acquired: now,
      renewed: now,
      duration: this.#parts.timing.duration,
    }
    this.#become((await this.#write(lease, this.#record?.token)) ? 'leading' : 'standby')
  }

  /** One that is gone, or gave its lease back, tells nothing more by itself. */
  #endOfPredecessor(): number {
    const { holder, renewed = 0 } = this.#record?.lease ?? {}
    const maySpeak = holder && !this.#isMine() && !this.#parts.instance.isGone(holder)
    return maySpeak ? renewed + this.#parts.timing.renew : Number.NEGATIVE_INFINITY
  }

  /** Whether what was written is on record now: nobody else was quicker. */
  async #write(lease: Lease, token: string | undefined): Promise<boolean> {
    const begun = this.#parts.clock.monotonic()
    const next = { ...lease, renewed: Math.floor(this.#parts.clock.now()) }
    const written = await this.#ask((store) => store.write(next, token))
    if (written === undefined) return false
    this.#record = { lease: next, token: written }
    this.#renewedAt = begun
    this.#renewedOn = next.renewed
    return true
  }

  /**
   * A record that could not be seen for a while may have changed and changed back, or its storage was away: it is timed anew.
   * Returns whether it has changed since it was seen just before, so that its holder is there.
   */
  #observe(record: LeaseRecord | undefined): boolean {
    const { clock, timing } = this.#parts
    const now = clock.monotonic()
    const wasSeen = now - this.#seenAt <= timing.duration
    const isSame = record?.token === this.#record?.token
    if (!isSame || !wasSeen) this.#sameSince = now
    this.#seenAt = now
    this.#record = record
    return wasSeen && !isSame
  }

  #isFree(): boolean {
    const { lease } = this.#record ?? {}
    if (!lease?.holder || this.#isMine() || this.#parts.instance.isGone(lease.holder)) return true
    const patience = Math.max(lease.duration, this.#parts.timing.duration)
    return this.#parts.clock.monotonic() - this.#sameSince >= patience
  }

  #isMine(): boolean {
    return this.#record?.lease.holder === this.#parts.instance.id
  }

  #become(standing: Standing): void {
    if (this.#standing === standing) return
    this.#standing = standing
    this.#parts.onStanding(standing)
  }

  /** An answer in time, so that there is time left for another attempt. */
  #ask<T>(question: (store: LeaseStore) => Promise<T>): Promise<T> {
    const { clock, leases, timing } = this.#parts
    const patience = timing.renew / 2
    const message = `no answer about the lease within ${formatDuration(patience)}`
    const late = () => new UptimeError('STORAGE_UNREACHABLE', message)
    return inTime(clock, question(leases), patience, late)
  }
}
