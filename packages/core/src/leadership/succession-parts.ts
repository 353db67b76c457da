import type { ResolvedConfig } from '../config.js'
import type { Context, LeaseStore, Storage } from '../contracts.js'
import type { Emitter } from '../emitter.js'
import { UptimeError } from '../errors.js'
import type { LeadershipStatus, RunnerEvents } from '../events.js'
import type { Disk } from '../journal/disk.js'
import type { Roster } from '../monitor/roster.js'
import type { Session } from '../monitor/session.js'
import type { Writer } from '../monitor/writer.js'
import type { Instance } from './instance.js'
import { Leadership, type LeadershipParts } from './leadership.js'

/** What it is made of. */
export interface SuccessionParts {
  readonly config: ResolvedConfig
  readonly storage: Storage
  readonly context: Context
  readonly emitter: Emitter<RunnerEvents>
  readonly roster: Roster
  readonly instance: Instance
  /** The folder that relative paths stand for. */
  readonly folder: string | undefined
  /** Where facts wait on disk. Absent: in memory only. */
  readonly disk: Disk | undefined
}

type Asked = Pick<LeadershipParts, 'lastTerm' | 'isChecking' | 'onStanding'>

export function leadershipFor(
  leases: LeaseStore,
  { config, context, instance }: SuccessionParts,
  asked: Asked,
): Leadership {
  const { clock, log } = context
  return new Leadership({ leases, instance, clock, log, timing: config.lease, ...asked })
}

/** The right to write, for as long as the lease is held under this term. */
export function writerFor(leadership: Leadership, { id: holder }: Instance, term: number): Writer {
  const refusal = () => {
    if (leadership.mayWrite && leadership.term === term) return undefined
    leadership.hurry()
    return new UptimeError('LEASE_LOST', 'the lease could not be renewed in time; what is found waits')
  }
  return { holder, term, refusal, onFenced: () => leadership.hurry() }
}

type Held = Omit<LeadershipStatus, 'self' | 'since'>

export function heldBy({ standing, lease, term }: Leadership): Held {
  return { standing, term, holder: lease?.holder ?? null, heldSince: lease?.acquired ?? null }
}

/** How things stand where there are no leases, or nobody knows of them yet. */
export function alone(session: Session | undefined): Held {
  const isWaiting = session?.isProvisional !== false
  return {
    standing: isWaiting ? 'waiting' : 'leading',
    term: session?.term ?? 0,
    holder: null,
    heldSince: null,
  }
}
