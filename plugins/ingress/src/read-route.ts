import {
  type HttpRoute,
  type HttpRouteMatch,
  hostFault,
  nameOf,
  type Place,
  type Reading,
} from './objects.js'

const EVERYTHING: HttpRouteMatch = { path: { type: 'PathPrefix', value: '/' } }

/** Every host and path of an HTTPRoute, as {@link readIngress} does it. */
export function readRoute(route: HttpRoute): Reading {
  const { hostnames = [], rules = [] } = route.spec ?? {}
  const name = nameOf(route)
  if (!hostnames.length) return { places: [], skipped: [{ what: name, reason: 'it names no host' }] }
  const places: Place[] = []
  const skipped: { what: string; reason: string }[] = []
  const matches = rules.flatMap((rule) => (rule.matches?.length ? rule.matches : [EVERYTHING]))
  for (const host of hostnames) {
    const fault = hostFault(host) ?? (matches.length ? undefined : 'it has no rules')
    if (fault) skipped.push({ what: `${name} ${host}`, reason: fault })
    else for (const match of matches) read(route, host, match)
  }
  return { places, skipped }

  function read(of: HttpRoute, host: string, match: HttpRouteMatch): void {
    const { type = 'PathPrefix', value = '/' } = match.path ?? {}
    const needs = needOf(match)
    if (needs) skipped.push({ what: `${name} ${host}${value}`, reason: `it is for requests with ${needs}` })
    else places.push({ scheme: schemeOf(of), host, path: value, served: SERVED.get(type) ?? 'pattern' })
  }
}

const SERVED = new Map<string, Place['served']>([
  ['PathPrefix', 'prefix'],
  ['Exact', 'exact'],
])

function needOf({ headers, queryParams, method }: HttpRouteMatch): string | undefined {
  if (headers?.length) return 'certain headers'
  if (queryParams?.length) return 'certain query parameters'
  return method && method !== 'GET' ? `the method ${method}` : undefined
}

/** Whether its Gateway has a certificate is not looked at: only a route that is bound to port 80 alone is plain. */
function schemeOf({ spec }: HttpRoute): 'http' | 'https' {
  const ports = (spec?.parentRefs ?? []).map(({ port }) => port)
  return ports.length > 0 && ports.every((port) => port === 80) ? 'http' : 'https'
}
