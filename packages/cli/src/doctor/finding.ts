import { formatDuration, messageOf, systemClock, within } from '@uptimeserver/core'

/** What a look at one thing came to. */
export interface Finding {
  /** What was looked at: `storage`. */
  readonly check: string
  readonly state: 'ok' | 'warning' | 'problem'
  /** What was found, in one line; the faults of a config each in one of their own. */
  readonly found: string
  /** How to mend it; `null` where nothing has to be. */
  readonly mend: string | null
}

/** How long a look may take, in ms. */
export const DEADLINE = 10_000

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, mend: null }
}

export function warning(check: string, found: string, mend: string): Finding {
  return { check, state: 'warning', found, mend }
}

export function problem(check: string, found: string, mend: string): Finding {
  return { check, state: 'problem', found, mend }
}

/** What a look finds; where it throws or gives no answer by the deadline, that is what it found. */
export async function look(
  check: string,
  work: (signal: AbortSignal) => Promise<readonly Finding[]>,
  deadline = DEADLINE,
): Promise<readonly Finding[]> {
  const over = new AbortController()
  try {
    const findings = await within(systemClock, work(over.signal), deadline)
    return findings ?? [problem(check, `no answer within ${formatDuration(deadline)}`, SILENT)]
  } catch (error) {
    return [problem(check, messageOf(error), FAILED)]
  } finally {
    over.abort()
  }
}

const SILENT = 'see whether what it asks is reachable from here, and not overloaded'
const FAILED = 'mend what the message says, and look again'
