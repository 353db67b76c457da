import { definePlugin } from '@uptimeserver/core'
import { type KubernetesOptions, schema } from './options.js'
import { KubernetesCheck } from './service.js'

export type { ClusterOptions } from './client/kubeconfig.js'
export { kubernetesLease } from './lease/index.js'
export type { KubernetesLeaseOptions } from './lease/options.js'
export type { KubernetesOptions } from './options.js'

/**
 * Checks a Kubernetes cluster: up while enough of its nodes are ready, or while its API server says that it is, or both.
 *
 * @example
 * kubernetes({ name: 'production', context: 'prod', availability: 80, selector: 'role=worker', every: '30s' })
 */
export const kubernetes = definePlugin<KubernetesOptions>({
  kind: 'kubernetes',
  schema,
  create: (options) => new KubernetesCheck(options),
})
