import { backoff, sleep, within } from '../clock.js'
import type { ResolvedConfig } from '../config.js'
import type { Scope, Storage } from '../contracts.js'
import { isUptimeError, UptimeError } from '../errors.js'
import type { LeadershipStatus } from '../events.js'
import { Journals } from '../journal/journals.js'
import type { Restored } from '../monitor/restore.js'
import { Session } from '../monitor/session.js'
import type { Writer } from '../monitor/writer.js'
import { lastTerm } from './last-term.js'
import type { Leadership, Standing } from './leadership.js'
import { Leftovers } from './leftovers.js'
import { isAway, Opening } from './opening.js'
import { Presence } from './presence.js'
import { RecordWatch } from './record-watch.js'
import { asStorageError } from './storage-error.js'
import { alone, heldBy, leadershipFor, type SuccessionParts, writerFor } from './succession-parts.js'
import { Takeover } from './takeover.js'

/** How long a start waits for the storage before checks begin without it, in ms. */
const PATIENCE = 5_000
/** A takeover that failed is tried again after this at the latest, in ms: it is one question while nothing answers. */
const RETRY = 5_000
/** What giving back the lease may take, in ms. */
const RELEASE = 2_000

/**
 * Who checks and who writes: takes over when this instance comes to lead, steps down when another one has, and checks on its own
 * account while nobody can say, because the storage is away. Each turn is a session of its own.
 */
export class Succession {
  readonly #parts: SuccessionParts
  readonly #watch: RecordWatch
  #config: ResolvedConfig
  readonly #opening: Opening
  readonly #leftovers: Leftovers
  readonly #journals: Journals | undefined
  readonly #presence: Presence
  readonly #takeover: Takeover
  #leadership: Leadership | undefined
  #session: Session | undefined
  /** When the present standing began, in ms since the epoch. */
  #since: number
  /** Changes of the session, one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #loops: Promise<unknown> = Promise.resolve()
  /** A beginning that takes longer than a start. */
  #late: Promise<unknown> = Promise.resolve()
  /** Checks have begun without the storage: nothing that is wrong with it is an error of the start any more. */
  #isUnderWay = false
  #failures = 0
  /** What was told of the storage last. */
  #isTroubled = false
  /** Aborted as soon as the storage is known to be away. */
  readonly #isAway = new AbortController()

  constructor(parts: SuccessionParts) {
    const { context, config, folder, emitter, instance, disk } = parts
    this.#parts = parts
    this.#watch = new RecordWatch(parts.storage, context.clock, (error) => this.#onLoss(error))
    const storage = this.#storage
    emitter.on('storage', ({ error }) => {
      this.#isTroubled = error !== null
    })
    this.#config = config
    this.#since = Math.floor(context.clock.now())
    this.#opening = new Opening(storage, context, { monitor: config.monitor, folder }, (error) => {
      emitter.emit('storage', { waiting: this.#session?.overdue ?? 0, error })
      this.#isAway.abort()
    })
    this.#journals = disk && new Journals(disk, config.monitor, instance, context.log, config.lease.duration)
    this.#leftovers = new Leftovers(storage, this.#journals, context.clock, (error) =>
      emitter.emit('error', { error }),
    )
    this.#presence = new Presence(storage, context, instance)
    this.#takeover = new Takeover(storage, context, this.#leftovers)
  }

  get session(): Session | undefined {
    return this.#session
  }

  get #storage(): Storage {
    return this.#watch.storage
  }

  status(): LeadershipStatus {
    const { instance } = this.#parts
    const own = { self: instance.id, since: this.#since }
    return this.#leadership ? { ...own, ...heldBy(this.#leadership) } : { ...own, ...alone(this.#session) }
  }

  /** Resolves when this instance checks, or stands by. @throws UptimeError what is wrong with the storage */
  async start(): Promise<void> {
    const { clock, signal } = this.#parts.context
    const beginning = this.#begin()
    const begun = beginning.then(() => true)
    if (await within(clock, begun, PATIENCE, AbortSignal.any([signal, this.#isAway.signal]))) return
    this.#isUnderWay = true
    this.#checkProvisionally()
    this.#late = this.#beginAtLast(beginning)
  }

  /** Whatever is wrong with the storage now may not be so for ever, and checks go on meanwhile. */
  async #beginAtLast(first: Promise<void>): Promise<void> {
    const { clock, signal } = this.#parts.context
    for (let failures = 1, beginning = first; ; failures++, beginning = this.#begin()) {
      try {
        return await beginning
      } catch (error) {
        this.#fail(error)
      }
      await sleep(clock, backoff(failures, 1_000, 30_000), signal)
      if (signal.aborted) return
    }
  }

  /** Ends everything; the signal was aborted before. Returns how many facts the storage did not get. */
  async stop(): Promise<number> {
    const { clock } = this.#parts.context
    const session = this.#session
    this.#session = undefined
    // What waits is delivered while the session ends, for which the lease may have to be renewed.
    const renewal = this.#leadership?.isLate ? this.#leadership.step() : Promise.resolve()
    const unstored = (await session?.stop()) ?? 0
    await within(clock, Promise.all([this.#turn, renewal]), RELEASE)
    await within(clock, this.#presence.end(), RELEASE)
    // A renewal that is under way would be taken for somebody else's.
    await within(clock, Promise.all([this.#late, this.#loops]), RELEASE)
    const release = this.#leadership?.release().catch(() => undefined)
    if (release) await within(clock, release, RELEASE)
    return unstored + this.#leftovers.unsafe
  }

  /** Another config holds from now on, for this turn and those that come. */
  reload(config: ResolvedConfig): void {
    this.#config = config
    this.#session?.reload(config)
  }

  consolidate(name: string, scope?: Scope): Promise<void> {
    if (this.#session) return this.#session.consolidate(name, scope)
    throw new UptimeError('RUNNER_STATE', 'this instance stands by: whoever leads consolidates')
  }

  /** Opens the storage, and leads or stands by. */
  async #begin(): Promise<void> {
    const { config, context } = this.#parts
    if (!(await this.#opening.run())) return
    const leases = config.leadership ?? this.#storage.leases
    if (!leases) return this.#leadAlone()
    this.#leadership = leadershipFor(leases, this.#parts, {
      lastTerm: () => lastTerm(this.#storage),
      isChecking: () => this.#session !== undefined,
      onStanding: (standing) => this.#onStanding(standing),
    })
    const failure = await this.#leadership.step()
    if (failure && !isAway(failure) && !this.#isUnderWay) throw failure
    if (failure) this.#checkProvisionally()
    await this.#turn
    const { signal } = context
    this.#loops = Promise.all([
      this.#leadership.run(signal),
      this.#takeover.lookForLateOnes(
        () => this.#leadership?.mayWrite === true,
        (work) => this.#queue(work),
      ),
      this.#presence.run(() => this.#leadership!.standing),
    ])
  }

  /** A storage without leases serves one instance, which leads. */
  async #leadAlone(): Promise<void> {
    const term = Math.max(1, await lastTerm(this.#storage))
    const { id: holder } = this.#parts.instance
    await this.#takeOver({ holder, term, refusal: () => undefined, onFenced: undefined })
  }

  #onStanding(standing: Standing): void {
    // One that ends gives its lease back, which is no news to anybody here.
    if (this.#parts.context.signal.aborted) return
    this.#since = Math.floor(this.#parts.context.clock.now())
    this.#parts.emitter.emit('leadership', this.status())
    if (standing !== 'standby') void this.#presence.end()
    if (standing === 'leading') this.#session?.regain()
    if (standing === 'lapsed') this.#session?.lapse(this.#leadership!.authorityEnds)
    this.#queue(() => this.#follow())
  }

  /** Brings the session into step with the standing, however often that takes. Never throws. */
  async #follow(): Promise<void> {
    const { context, config } = this.#parts
    if (context.signal.aborted) return
    try {
      if (this.#watch.isLost) await this.#forget()
      await this.#keepStep()
      this.#failures = 0
    } catch (error) {
      // Then it is done again, having forgotten.
      if (context.signal.aborted || this.#watch.isLost) return
      this.#fail(error)
      if (this.#leadership?.standing !== 'standby') this.#checkProvisionally()
      const pause = backoff(++this.#failures, config.lease.retry, RETRY)
      void sleep(context.clock, pause, context.signal).then(() => this.#queue(() => this.#follow()))
    }
  }

  #queue(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error) => this.#fail(error))
  }

  async #keepStep(): Promise<void> {
    const leadership = this.#leadership
    if (!leadership) return this.#leadAlone()
    if (leadership.standing === 'standby') {
      await this.#leaveSession()
      await this.#takeover.tell()
    } else if (leadership.standing === 'waiting') {
      this.#checkProvisionally()
    } else if (leadership.standing === 'leading') {
      const { term } = leadership
      if (this.#session?.isProvisional === false && this.#session.term === term) return
      await this.#takeOver(writerFor(leadership, this.#parts.instance, term))
    }
  }

  /** Whoever checks on its own account does so until the storage has shown that it takes facts. */
  async #takeOver(writer: Writer): Promise<void> {
    await this.#takeover.fence(writer)
    let restored: Restored
    do {
      await this.#leaveSession()
      const { maintenance } = this.#config
      restored = await this.#takeover.takeStock(writer, maintenance, this.#leadership?.predecessorEnds)
    } while (this.#session)
    this.#beginSession(writer, restored)
    if (this.#isTroubled) this.#parts.emitter.emit('storage', { waiting: 0, error: null })
  }

  /** Nobody can say how things stand; what is found waits until somebody can. */
  #checkProvisionally(): void {
    if (this.#session) return
    const trouble = () =>
      this.#opening.trouble ?? new UptimeError('STORAGE_UNREACHABLE', 'the storage is away')
    const { id: holder } = this.#parts.instance
    this.#beginSession({ holder, term: 0, refusal: trouble, onFenced: undefined }, undefined)
  }

  #beginSession(writer: Writer, restored: Restored | undefined): void {
    const { roster, context, emitter } = this.#parts
    if (context.signal.aborted) return
    const [config, storage] = [this.#config, this.#storage]
    const file = this.#journals?.create(writer.term, () => this.#watch.last)
    this.#session = new Session({ config, storage, restored, roster, writer, context, emitter, file })
    this.#session.start()
  }

  async #leaveSession(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    if (session) this.#leftovers.add(await session.leave(this.#leadership?.authorityEnds))
  }

  #onLoss(error: UptimeError): void {
    this.#parts.emitter.emit('error', { error })
    this.#queue(() => this.#follow())
  }

  /** What waits would vouch for time of which nobody knows any more what was found in it. */
  async #forget(): Promise<void> {
    try {
      await this.#leaveSession()
      await this.#takeover.forget()
    } finally {
      this.#watch.accept()
      this.#leadership?.reconsider()
    }
  }

  #fail(cause: unknown): void {
    // That was told when it was found.
    if (isUptimeError(cause, 'RECORD_LOST')) return
    const error = asStorageError(this.#storage.name, cause)
    if (isAway(error)) this.#parts.emitter.emit('storage', { waiting: this.#session?.overdue ?? 0, error })
    else this.#parts.emitter.emit('error', { error })
  }
}
