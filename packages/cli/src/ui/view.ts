import type { Runner, SlaRow } from '@uptimeserver/core'

/** How a monitor ended: it ran, it was stopped before that, or it could not start. */
export type Outcome = 'ran' | 'interrupted' | 'failed'

/** What shows a running monitor to whoever watches. */
export interface View {
  start(runner: Runner): void
  /** It checks, or stands by. */
  started?(): void
  /** Listens for somebody who asks for the end otherwise than by a signal. */
  onQuit?(quit: () => void): void
  /** Where somebody may ask how the monitor goes on. */
  answersProbes(url: string): void
  /** Something that no service is to blame for. */
  incident(message: string, fields?: object): void
  /** Looks at the record while there still is somebody to ask. */
  conclude?(): Promise<void>
  /** Looks at it again, when all of the run is on record. */
  recount?(read: () => Promise<readonly SlaRow[]>): Promise<void>
  stop(outcome: Outcome): void
}
