import * as v from 'valibot'
import type { LeaseStore, Plugin, Problem } from '../contracts.js'
import { type Duration, parseDuration } from '../duration.js'
import type { LeaseTiming } from '../leadership/leadership.js'
import { durationBetween } from './options.js'

/** How the instance that leads is told from those that stand by. */
export interface LeaseOptions {
  /** Without a sign of the leader for so long, one that stands by takes over. `3s` to `1h`, default `15s`. */
  readonly duration?: Duration | undefined
  /** A leader that could not renew its lease for so long writes no more. Shorter than `duration`, default two thirds of it. */
  readonly renew?: Duration | undefined
  /** From one attempt to renew or to take over to the next. Less than half of `renew`, default a fifth of it. */
  readonly retry?: Duration | undefined
}

const SHARE = { renew: 2 / 3, retry: 1 / 5 }

/** What is not given follows from what is. In ms. */
export function leaseTiming(options: LeaseOptions = {}): LeaseTiming {
  const duration = parseDuration(options.duration ?? '15s')!
  const renew = parseDuration(options.renew) ?? Math.round(duration * SHARE.renew)
  const retry = parseDuration(options.retry) ?? Math.round(renew * SHARE.retry)
  return { duration, renew, retry }
}

export const lease = v.pipe(
  v.strictObject({
    duration: v.optional(durationBetween('3s', '1h')),
    renew: v.optional(durationBetween('1s', '1h')),
    retry: v.optional(durationBetween('100ms', '10m')),
  }),
  v.check((options) => {
    const { duration, renew, retry } = leaseTiming(options)
    return renew < duration && retry * 2 <= renew
  }, 'renew shorter than duration, and retry at most half of renew, such as 15s, 10s and 2s'),
)

/** One whose factory found something wrong has no methods; its problems are told instead. */
export const leaseStore = v.custom<LeaseStore & Plugin>(
  (value) => problemsOf(value).length > 0 || (hasMethod(value, 'read') && hasMethod(value, 'write')),
  'a lease store such as kubernetesLease()',
)

function problemsOf(value: unknown): readonly Problem[] {
  return (value as Plugin | null | undefined)?.problems ?? []
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null)?.[name] === 'function'
}
