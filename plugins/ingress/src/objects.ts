import type { KubernetesObject } from '@uptimeserver/kubernetes/client'

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly ingressClassName?: string
    readonly tls?: readonly { readonly hosts?: readonly string[] }[]
    readonly rules?: readonly IngressRule[]
    readonly defaultBackend?: object
  }
}

export interface IngressRule {
  readonly host?: string
  readonly http?: { readonly paths?: readonly { readonly path?: string; readonly pathType?: string }[] }
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export interface HttpRoute extends KubernetesObject {
  readonly spec?: {
    readonly parentRefs?: readonly { readonly port?: number }[]
    readonly hostnames?: readonly string[]
    readonly rules?: readonly { readonly matches?: readonly HttpRouteMatch[] }[]
  }
}

export interface HttpRouteMatch {
  readonly path?: { readonly type?: string; readonly value?: string }
  readonly headers?: readonly object[]
  readonly queryParams?: readonly object[]
  readonly method?: string
}

/** What is discovered. */
export type Source = Ingress | HttpRoute

/** Neither says in a list what it is; only a route is bound to gateways or names several hosts. */
export function isRoute(source: Source): source is HttpRoute {
  return source.spec !== undefined && ('hostnames' in source.spec || 'parentRefs' in source.spec)
}

/** How a path is served: it alone, everything below it, or whatever the controller makes of it. */
export type Served = 'exact' | 'prefix' | 'pattern'

/** One host and path that an object serves. */
export interface Place {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly path: string
  readonly served: Served
}

/** What an object serves, and what of it cannot be checked. */
export interface Reading {
  readonly places: readonly Place[]
  readonly skipped: readonly { readonly what: string; readonly reason: string }[]
}

/** `namespace/name` */
export function nameOf({ metadata: { namespace = 'default', name } }: KubernetesObject): string {
  return `${namespace}/${name}`
}

/** Why nothing can be asked at a host; `undefined`: it can. */
export function hostFault(host: string | undefined): string | undefined {
  if (!host) return 'it names no host'
  if (host.includes('*')) return 'its host is a wildcard, which names nobody to ask'
  const isHost = !/[\s/\\?#@:%]/.test(host) && URL.canParse(`http://${host}/`)
  return isHost ? undefined : 'its host is none'
}
