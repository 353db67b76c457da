import { percent } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import type { ClusterOptions } from './client/kubeconfig.js'
import { clusterEntries, labelSelector } from './client/options.js'

/** Options of {@link kubernetes}, besides those that every service has. */
export interface KubernetesOptions extends ClusterOptions {
  /**
   * What must hold. `'nodes'`: enough nodes are ready. `'ready'`: the API server says that it is ready, at `/readyz`. Default `'nodes'`.
   */
  readonly check?: 'nodes' | 'ready' | 'both' | undefined
  /** The share of nodes that must be ready, in percent, in (0, 100]. Default 80. */
  readonly availability?: number | undefined
  /** Only nodes with these labels: `'role=worker,!spot'`. Default: all. */
  readonly selector?: string | undefined
  /** Leaves out nodes that take no new pods (`kubectl cordon`). Default false. */
  readonly ignoreCordoned?: boolean | undefined
}

/** The schema of everything that {@link kubernetes} takes. */
export const schema = v.strictObject({
  ...clusterEntries,
  check: v.optional(v.picklist(['nodes', 'ready', 'both'], `'nodes', 'ready' or 'both'`)),
  availability: v.optional(percent),
  selector: v.optional(labelSelector),
  ignoreCordoned: v.optional(v.boolean('true or false')),
})
