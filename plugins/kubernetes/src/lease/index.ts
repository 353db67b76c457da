import { definePlugin, type LeaseStore, type Plugin, type PluginSpec } from '@uptimeserver/core'
import { type KubernetesLeaseOptions, leaseSchema } from './options.js'
import { KubernetesLeases } from './store.js'

type Made = LeaseStore & Plugin
type Spec = PluginSpec<
  KubernetesLeaseOptions,
  Made,
  [options?: KubernetesLeaseOptions],
  KubernetesLeaseOptions
>

const spec: Spec = {
  name: 'kubernetes-lease',
  schema: leaseSchema,
  create: (options) => new KubernetesLeases(options),
}

/**
 * Writes who leads into a Lease object of a Kubernetes cluster, for a config's `leadership`.
 *
 * @example
 * export default defineConfig({ leadership: kubernetesLease({ name: 'shops' }), storage: …, services: […] })
 */
export const kubernetesLease = definePlugin(spec)
