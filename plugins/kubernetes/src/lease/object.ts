import type { Lease } from '@uptimeserver/core'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ Whoever made it may have left out anything. */
export interface LeaseObject {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string }
  readonly spec?: LeaseSpec | null
}

interface LeaseSpec {
  readonly holderIdentity?: string | undefined
  readonly leaseDurationSeconds?: number
  /** A MicroTime, as all times of it. */
  readonly acquireTime?: string | null
  readonly renewTime?: string | null
  readonly leaseTransitions?: number
}

/** What an object says, also one that nobody of ours has written: what is not said is nobody, never, and term 0. */
export function leaseIn({ spec }: LeaseObject): Lease {
  return {
    holder: spec?.holderIdentity || null,
    term: spec?.leaseTransitions ?? 0,
    acquired: timeIn(spec?.acquireTime),
    renewed: timeIn(spec?.renewTime),
    duration: (spec?.leaseDurationSeconds ?? 0) * 1_000,
  }
}

/**
 * @param stamp some microseconds, from 0 to 999, that nobody reads. What is written without a change gets no new version, and so no
 * new token
 */
export function specOf({ holder, term, acquired, renewed, duration }: Lease, stamp: number): LeaseSpec {
  return {
    holderIdentity: holder ?? undefined,
    // Whole ones, and never less than was promised to wait.
    leaseDurationSeconds: Math.max(1, Math.ceil(duration / 1_000)),
    acquireTime: microTime(acquired, 0),
    renewTime: microTime(renewed, stamp),
    leaseTransitions: term,
  }
}

/** With six digits behind the point: the API server takes no fewer. */
function microTime(ms: number, stamp: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}${String(stamp).padStart(3, '0')}Z`
}

function timeIn(text: string | null | undefined): number {
  return Date.parse(text ?? '') || 0
}
