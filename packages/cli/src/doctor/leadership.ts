import { formatDuration, holderOf, type Lease, type LeaseStore, thisInstance } from '@uptimeserver/core'
import { nameOf } from '../standing.js'
import { type Finding, ok, warning } from './finding.js'

/** By so much two clocks may differ before it is told, in ms. */
const APART = 2_000
/** So many times the length of a lease without a sign of its holder is a silence. */
const SILENCE = 2

/** Whether it can be read who leads, and what that says. */
export async function judgeLeases(leases: LeaseStore | undefined): Promise<Finding[]> {
  if (!leases) return [ok('leadership', 'this storage has no leases: one instance is all there can be')]
  const record = await leases.read()
  return [judgeLease(record?.lease, Date.now())]
}

/** What a lease says at a time. */
export function judgeLease(lease: Lease | undefined, now: number): Finding {
  if (!lease) return ok('leadership', 'can be read; nobody has led yet')
  if (lease.holder === null) return ok('leadership', 'can be read; nobody leads, the last one gave it back')
  const name = nameOf(holderOf(lease.holder))
  const age = now - lease.renewed
  if (age < -APART)
    return warning('leadership', `the clock of ${name} is ${time(-age)} ahead of this one`, NTP)
  const isGone = thisInstance().isGone(lease.holder)
  if (isGone) return warning('leadership', `${name} led until ${time(age)} ago, and is gone`, START)
  if (age > SILENCE * lease.duration)
    return warning('leadership', `${name} has not renewed its lease for ${time(age)}`, SILENT)
  return ok('leadership', `${name} leads, and renewed its lease ${time(age)} ago`)
}

/** In whole seconds. */
function time(ms: number): string {
  return formatDuration(Math.max(0, Math.round(ms / 1_000) * 1_000))
}

const NTP = 'keep both clocks in time, with NTP'
const START = 'start a monitor with `uptime`; it takes over at once'
const SILENT = 'start a monitor with `uptime`, or see why that one does not reach its storage'
