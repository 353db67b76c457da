import { hostname } from 'node:os'
import { inTime } from '../clock.js'
import type { Clock, Live, Logger, Storage } from '../contracts.js'
import { UptimeError } from '../errors.js'
import type { ProviderStatus } from '../events.js'
import { reasonOf } from '../outcome.js'
import { type MonitorLive, monitorRow, providerRow, serviceRow } from './live.js'
import type { Target, ToWall } from './target.js'

/** A storage that does not take live state in this time is asked again with newer, in ms. */
const PATIENCE = 10_000
/** Rows that are handed over at once; the loop is left to others in between. */
const CHUNK = 200

export interface PublicationParts {
  readonly clock: Clock
  readonly log: Logger
  readonly storage: Storage
  readonly targets: () => ReadonlyMap<string, Target>
  readonly providers: () => readonly ProviderStatus[]
  readonly toWall: ToWall
  /** What is seen is kept until it may be told. */
  readonly mayPublish: () => boolean
  readonly now: () => Pick<MonitorLive, 'run' | 'waiting'>
}

/** What others may see of the running monitor: knows what changed since it was published last. */
export class Publication {
  readonly #parts: PublicationParts
  readonly #seen = new Set<Target>()
  readonly #whoami: Pick<MonitorLive, 'startedAt' | 'pid' | 'host'>
  #round: Promise<void> | undefined

  constructor(parts: PublicationParts) {
    this.#parts = parts
    this.#whoami = { startedAt: Math.floor(parts.clock.now()), pid: process.pid, host: hostname() }
  }

  /** Something of a target has changed. */
  see(target: Target): void {
    this.#seen.add(target)
  }

  /** Starts a round unless one is under way. Never throws. */
  publish(): Promise<void> {
    this.#round ??= this.#publishAll().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** The last word: the monitor does not run any more. */
  async end(): Promise<void> {
    await this.publish()
    await this.#parts.storage.publish(this.#collect(false)).catch(() => undefined)
  }

  async #publishAll(): Promise<void> {
    if (!this.#parts.mayPublish()) return
    const rows = this.#collect(true)
    let start = 0
    try {
      for (; start < rows.length; start += CHUNK) await this.#publishInTime(rows.slice(start, start + CHUNK))
    } catch (error) {
      this.#failed(error, rows.slice(start))
    }
  }

  async #publishInTime(rows: readonly Live[]): Promise<void> {
    const { clock, storage } = this.#parts
    const late = () => new UptimeError('STORAGE_FAILED', 'the storage does not take live state')
    await inTime(clock, storage.publish(rows), PATIENCE, late)
  }

  #failed(error: unknown, unpublished: readonly Live[]): void {
    const { log, targets } = this.#parts
    log.debug('live state was not published', { error: reasonOf(error) })
    for (const { key } of unpublished) {
      const target = targets().get(key)
      if (target) this.#seen.add(target)
    }
  }

  #collect(running: boolean): Live[] {
    const { clock, targets, providers, toWall, now } = this.#parts
    const at = Math.floor(clock.now())
    const seen = [...this.#seen].filter(({ id }) => targets().has(id))
    this.#seen.clear()
    return [
      monitorRow({ ...this.#whoami, running, ...now() }, at),
      ...providers().map((status) => providerRow(status, at)),
      ...seen.map((target) => serviceRow(target, toWall, at)),
    ]
  }
}
