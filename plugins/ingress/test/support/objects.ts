import type { Skipped } from '@uptimeserver/core'
import type { HttpRoute, Ingress, Place, Source } from '../../src/objects.js'
import type { IngressOptions } from '../../src/options.js'
import { type Planning, plan } from '../../src/plan.js'
import { readIngress } from '../../src/read-ingress.js'
import { readRoute } from '../../src/read-route.js'
import { Selection } from '../../src/selection.js'

type Metadata = Partial<Ingress['metadata']>

/** An Ingress as the API server hands it over. */
export function ingressOf(spec: Ingress['spec'], metadata: Metadata = {}): Ingress {
  return { metadata: complete(metadata), ...(spec && { spec }) }
}

export function routeOf(spec: HttpRoute['spec'], metadata: Metadata = {}): HttpRoute {
  return { metadata: complete(metadata), ...(spec && { spec }) }
}

function complete({ name = 'web', ...rest }: Metadata): Ingress['metadata'] {
  const ours = { namespace: 'shop', uid: `uid of ${name}`, resourceVersion: '1', generation: 1 }
  return { name, ...ours, creationTimestamp: '2026-01-01T00:00:00Z', ...rest }
}

/** One that serves a single place. */
export function serving(host: string, path = '/', metadata: Metadata = {}, pathType = 'Prefix'): Ingress {
  return ingressOf({ rules: [{ host, http: { paths: [{ path, pathType }] } }] }, metadata)
}

export function placeOf(host: string, path = '/', more: Partial<Place> = {}): Place {
  return { scheme: 'http', host, path, served: 'prefix', ...more }
}

export function planOf(object: Source, options: IngressOptions = {}): Planning {
  const isRoute = object.spec !== undefined && 'hostnames' in object.spec
  const reading = isRoute ? readRoute(object as HttpRoute) : readIngress(object as Ingress)
  return plan(object, reading, options)
}

/** The URLs that an object comes to, and what is said of all else. */
export function outcomeOf(object: Source, options: IngressOptions = {}): { urls: string[]; told: string[] } {
  const { plans, skipped } = planOf(object, options)
  return { urls: plans.map(({ url }) => url), told: skipped.map(asLine) }
}

export function asLine({ what, reason }: Skipped): string {
  return `${what}: ${reason}`
}

export function selectionFor(options: IngressOptions = {}): Selection {
  return new Selection((object) => planOf(object, options))
}
