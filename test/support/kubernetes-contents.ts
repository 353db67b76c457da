import { vi } from 'vitest'
import { ingressObject } from '../../plugins/ingress/test/support/cluster.js'
import type { KubernetesApi } from '../servers/kubernetes-api.js'

export const ROUTES = 'gateway.networking.k8s.io'
/** Those of Ingress objects, and that of an HTTPRoute. The config wants the first alone. */
export const HOSTS = ['orders.shop.example.com', 'orders.staging.example.com', 'orders.example']
export const ROUTED = 'route.example'
export const SOON = { timeout: 20_000, interval: 100 }

/** Two nodes that are ready, and what the cluster serves. */
export async function fill(api: KubernetesApi): Promise<void> {
  for (const name of ['node-a', 'node-b']) {
    await api.request('POST', '/api/v1/nodes', { metadata: { name } })
    const conditions = [{ type: 'Ready', status: 'True' }]
    await api.request('PATCH', `/api/v1/nodes/${name}/status`, { status: { conditions } })
  }
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'web' } })
  const ingresses = '/apis/networking.k8s.io/v1/namespaces/web/ingresses'
  for (const [index, host] of HOSTS.entries())
    await api.request('POST', ingresses, ingressObject(`web-${index}`, { hosts: [host] }))
  await api.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', ROUTES_DEFINITION)
  const routes = `/apis/${ROUTES}/v1/namespaces/web/httproutes`
  await vi.waitFor(() => api.request('GET', routes), SOON)
  const spec = { hostnames: [ROUTED], rules: [{}] }
  await api.request('POST', routes, {
    apiVersion: `${ROUTES}/v1`,
    kind: 'HTTPRoute',
    metadata: { name: 'web' },
    spec,
  })
}

/** As much of the Gateway API as is looked at. */
const ROUTES_DEFINITION = {
  metadata: {
    name: `httproutes.${ROUTES}`,
    // The group is one of Kubernetes' own, where nothing is added without it.
    annotations: { 'api-approved.kubernetes.io': 'unapproved, for tests' },
  },
  spec: {
    group: ROUTES,
    scope: 'Namespaced',
    names: { plural: 'httproutes', singular: 'httproute', kind: 'HTTPRoute', listKind: 'HTTPRouteList' },
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}
