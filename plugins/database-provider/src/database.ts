import type { Skipped } from '@uptimeserver/core'
import type { News } from '@uptimeserver/core/kit'
import type { Row } from './options.js'

/** A database as the provider sees it. */
export interface Database {
  /**
   * Connects, and tells when something may have changed, as far as that was asked for.
   *
   * @param signal ends the attempt, of which nothing is left then
   */
  open(news: News, signal: AbortSignal): Promise<Session>
  /** An error in words, without credentials. */
  problemOf(error: unknown): string
}

/** One connection to it. What fails is not used again. */
export interface Session {
  /** What was asked for and cannot be had. */
  readonly notes: readonly Skipped[]
  read(signal: AbortSignal): Promise<readonly Row[]>
  /** Asks whether the other side is still there. */
  ping(signal: AbortSignal): Promise<void>
  /** Lets go of it, in whatever state it is. Never throws. */
  close(): Promise<void>
}
