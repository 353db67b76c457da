import { type Holder, holderOf, type LeadershipStatus } from '@uptimeserver/core'
import { iso } from './output.js'
import { dateTime } from './ui/format.js'

/** Where an instance stands, as it leaves the program. */
export interface StandingJson {
  readonly standing: LeadershipStatus['standing']
  /** Who leads, as far as is known. */
  readonly holder: Holder | null
  readonly since: string | null
}

export function standingJson(status: LeadershipStatus): StandingJson {
  // Before it has started there is no time to tell.
  return { standing: status.standing, holder: leaderIn(status), since: iso(status.since || null) }
}

/** `web-1 (pid 123)`. */
export function nameOf({ host, pid }: Holder): string {
  return pid ? `${host} (pid ${pid})` : host
}

/** Whether it is another one that checks. One that gives back its own lease, at its end, stands by as well. */
export function standsBy({ standing, holder, self }: LeadershipStatus): boolean {
  return standing === 'standby' && holder !== self
}

/** One that leads over a storage without leases is on no record, and one that has given back its lease still is. */
function leaderIn({ standing, holder, self }: LeadershipStatus): Holder | null {
  if (standing === 'leading') return holderOf(self)
  return holder === null || (standing === 'standby' && holder === self) ? null : holderOf(holder)
}

/** In one line: where it stands, since when, and what that comes to. */
export function describeStanding(
  { standing, holder, since }: StandingJson,
  time: (ms: number) => string = dateTime,
): string {
  const from = since ? ` since ${time(Date.parse(since))}` : ''
  return `${WORDS[standing]}${from}${CONSEQUENCE[standing](holder ? nameOf(holder) : 'nobody')}`
}

const WORDS = {
  leading: 'leads',
  standby: 'stands by',
  lapsed: 'cannot renew its lease',
  waiting: 'waits for its storage',
} as const

const CONSEQUENCE = {
  leading: () => '',
  standby: (leader: string) => ` · ${leader} leads`,
  lapsed: () => ': checks go on, facts wait',
  waiting: () => ': checks go on, facts wait',
} as const
