import type { KubernetesApi } from '../../../../test/servers/kubernetes-api.js'

const GROUP = 'gateway.networking.k8s.io'
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** As much of the Gateway API as is looked at: its HTTPRoute, whatever its fields. */
export async function installGatewayApi(api: KubernetesApi): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  await api.request('POST', CRDS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `httproutes.${GROUP}`,
      // Groups below k8s.io are taken only with it.
      annotations: {
        'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/2466',
      },
    },
    spec: {
      ...{ group: GROUP, scope: 'Namespaced' },
      names: { kind: 'HTTPRoute', plural: 'httproutes', singular: 'httproute', listKind: 'HTTPRouteList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  })
}

export function removeGatewayApi(api: KubernetesApi): Promise<unknown> {
  return api.request('DELETE', `${CRDS}/httproutes.${GROUP}`)
}

export function createRoute(
  api: KubernetesApi,
  namespace: string,
  name: string,
  spec: object,
): Promise<unknown> {
  return api.request('POST', `/apis/${GROUP}/v1/namespaces/${namespace}/httproutes`, {
    apiVersion: `${GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: { name },
    spec,
  })
}
