import { type ErrorCode, isUptimeError, UptimeError } from '@uptimeserver/core'
import { tlsProblem } from '@uptimeserver/core/kit'
import type { Cluster } from '../client/cluster.js'
import { KubeconfigError } from '../client/kubeconfig.js'
import { ApiError, hasStatus } from '../client/problems.js'

/** What these say is over in a while: too slow, too many, and all that begin with a 5. */
const PASSING = new Set([408, 429])

/** What came in the way of a lease, in words. Its code says whether it may be over in a while, or takes a person. */
export function leaseError(cause: unknown, lease: string, cluster: Cluster): UptimeError {
  if (isUptimeError(cause)) return cause
  const message = `the lease ${lease}: ${cluster.problemOf(cause)}${mendOf(cause)}`
  return new UptimeError(codeOf(cause), message, { cause, plugin: 'kubernetes-lease' })
}

function codeOf(cause: unknown): ErrorCode {
  const takesPerson =
    cause instanceof ApiError
      ? cause.status < 500 && !PASSING.has(cause.status)
      : cause instanceof KubeconfigError || tlsProblem(cause, '') !== undefined
  return takesPerson ? 'STORAGE_UNWRITABLE' : 'STORAGE_UNREACHABLE'
}

function mendOf(cause: unknown): string {
  return hasStatus(cause, 403)
    ? '; give the account get, create and update on leases in the group coordination.k8s.io'
    : ''
}
