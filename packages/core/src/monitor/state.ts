export type Status = 'unknown' | 'up' | 'soft' | 'down'

/** What is known of a service now. All times are ms since the epoch. */
export interface State {
  readonly status: Status
  /** Since when it is up (soft failures included) or down. While unknown: since when it was up when it was last seen. */
  readonly since: number | null
  /** Failed checks in a row, up to the number that made it down. */
  readonly failures: number
  /** The first failed check of the streak; `null` outside of one. While unknown: of the downtime that was open when it was last seen. */
  readonly streak: number | null
}

/** What one check said. */
export interface Verdict {
  readonly ok: boolean
  /** When the check started. */
  readonly at: number
  /** Nobody looked for longer than one interval before it, so an earlier streak proves nothing any more. */
  readonly afterHole?: boolean
}

export const UNKNOWN: State = { status: 'unknown', since: null, failures: 0, streak: null }

/** A downtime that was found open in the storage. One failed check confirms it, one good check ends it. */
export function restoredDown(start: number): State {
  return { status: 'down', since: start, failures: 0, streak: start }
}

/**
 * The next state. Pure; returns the same object when nothing changed.
 * `unknown → up | soft`, `soft → up | soft | down`, `down → up`; what was down when it was last seen: `unknown → up | down`.
 *
 * @param attempts failed checks in a row that make a downtime, from 1
 */
export function advance(state: State, verdict: Verdict, attempts: number): State {
  return verdict.ok ? succeed(state, verdict) : fail(state, verdict, attempts)
}

/** Nobody can tell any more how it is. A downtime that was open goes on until somebody can. */
export function lose({ status, since, streak }: State): State {
  return { ...UNKNOWN, since, streak: status === 'soft' ? null : streak }
}

/** It is unknown, and was down when it was last seen. */
export function wasDown({ status, streak }: State): boolean {
  return status === 'unknown' && streak !== null
}

function succeed(state: State, { at, afterHole }: Verdict): State {
  if (state.status === 'up') return state
  const isNew = state.status === 'down' || wasDown(state) || afterHole
  const since = isNew ? at : (state.since ?? at)
  return { status: 'up', since, failures: 0, streak: null }
}

function fail(state: State, { at, afterHole }: Verdict, attempts: number): State {
  if (state.status === 'down') return state
  if (wasDown(state)) return restoredDown(state.streak!)
  const goesOn = state.status === 'soft' && !afterHole
  const failures = goesOn ? state.failures + 1 : 1
  const streak = goesOn ? (state.streak ?? at) : at
  if (failures >= attempts) return { status: 'down', since: streak, failures, streak }
  return { status: 'soft', since: state.since, failures, streak }
}

/** Since when the service has the status that is shown: for a soft failure that is the start of its streak. */
export function shownSince(state: State): number | null {
  if (state.status === 'unknown') return null
  return state.status === 'soft' ? state.streak : state.since
}
