/** What those share who speak to Kubernetes: the check, and who discovers there. */
export { type Change, Cluster } from './cluster.js'
export type { ClusterOptions } from './kubeconfig.js'
export { clusterEntries, labelSelector } from './options.js'
export { type List, list } from './pages.js'
export { ApiError, hasStatus } from './problems.js'
export { type Patience, Reflector, type Resource } from './reflector.js'
export type { KubernetesObject } from './watch.js'
