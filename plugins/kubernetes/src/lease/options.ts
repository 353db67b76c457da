import type { Duration } from '@uptimeserver/core'
import { durationBetween } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import type { ClusterOptions } from '../client/kubeconfig.js'
import { clusterEntries } from '../client/options.js'

/** Options of {@link kubernetesLease}. */
export interface KubernetesLeaseOptions extends ClusterOptions {
  /** The Lease object's. Each monitor needs one of its own: who shares it waits for ever. Default `uptime`. */
  readonly name?: string | undefined
  /** Where the Lease object is. Default: the pod's own namespace, or the context's, or `default`. */
  readonly namespace?: string | undefined
  /** How long one request may take. `100ms` to `1m`, default `5s`. */
  readonly timeout?: Duration | undefined
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const objectName = v.custom<string>(
  (value) => isText(value, 253) && value.split('.').every((part) => LABEL.test(part)),
  'a name of lower case letters, digits, dashes and dots',
)
const namespaceName = v.custom<string>(
  (value) => isText(value, 63) && LABEL.test(value),
  'a name of lower case letters, digits and dashes',
)
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most
}

/** The schema of everything that {@link kubernetesLease} takes. */
export const leaseSchema = v.strictObject({
  ...clusterEntries,
  name: v.optional(objectName),
  namespace: v.optional(namespaceName),
  timeout: v.optional(durationBetween('100ms', '1m')),
})
