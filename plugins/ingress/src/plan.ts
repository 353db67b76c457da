import type { Problem, Service, Skipped } from '@uptimeserver/core'
import { http } from '@uptimeserver/http'
import { hostProblem } from '@uptimeserver/http/guard'
import { readAnnotations, type Said } from './annotations.js'
import { ask, describeGiven } from './ask.js'
import { isRoute, nameOf, type Place, type Reading, type Source } from './objects.js'
import type { IngressOptions } from './options.js'
import { urlOf } from './url.js'

/** What is suggested for a page that others own; the config's own timing beats it. */
const SUGGESTED = { timeout: '2s', attempts: 3 } as const
const EXPECTED_STATUS = 200
/** In characters, as core takes it. */
const LONGEST_NAME = 500

/** One URL that an object wants to have checked. */
export interface Plan {
  readonly url: string
  readonly object: Source
  /** Makes the check of it; it was asked for everything before. */
  create(): Service
}

export interface Planning {
  readonly plans: readonly Plan[]
  readonly skipped: readonly Skipped[]
}

/** What an object comes to: each place of it is planned, or skipped with the reason. */
export function plan(object: Source, { places, skipped }: Reading, options: IngressOptions): Planning {
  const said = readAnnotations(object)
  const name = nameOf(object)
  const faults = said.faults.map((reason) => ({ what: name, reason }))
  if (said.skip) return { plans: [], skipped: [...faults, { what: name, reason: 'its annotation says so' }] }
  const planned = places.map((place) => planPlace(place, object, said, options))
  const plans = planned.flatMap((each) => ('url' in each ? [each] : []))
  const left = planned.flatMap((each) => ('reason' in each ? [each] : []))
  return { plans, skipped: [...faults, ...skipped, ...left] }
}

function planPlace(place: Place, object: Source, said: Said, options: IngressOptions): Plan | Skipped {
  const what = `${nameOf(object)} ${place.host}${place.path}`
  try {
    const found = urlOf(place, object, said.path, options)
    if ('fault' in found) return { what, reason: found.fault }
    const { url } = found
    const refusal = whyNot(url, object, options)
    if (refusal !== undefined) return { what: `${nameOf(object)} ${url}`, reason: refusal }
    const settings = settingsOf(url, place, object, said, options)
    const create = () => http(url, settings)
    const problem = create().problems?.[0]
    return problem ? { what, reason: inWords(problem) } : { url, object, create }
  } catch (error) {
    return { what, reason: describeGiven(error) }
  }
}

/** Asked before anything else is, so that no header is made for who must not get it. */
function whyNot(url: string, object: Source, { exclude, allow }: IngressOptions): string | undefined {
  if (ask('exclude', exclude, url, object)) return 'excluded by the config'
  return hostProblem(new URL(url).hostname, allow)
}

function inWords({ path, found, expected }: Problem): string {
  return `${path && `${path}: `}found ${found}, expected ${expected}`
}

function settingsOf(url: string, place: Place, object: Source, said: Said, options: IngressOptions) {
  const { category, allow } = options
  const own = ask('options', options.options, url, object) ?? {}
  const headers = ask('headers', options.headers, url, object)
  const status = said.status ?? own.expect?.status ?? EXPECTED_STATUS
  return {
    ...own,
    name: ask('serviceName', options.serviceName, url, object) ?? url.slice(0, LONGEST_NAME),
    identity: url,
    category:
      said.category ??
      (typeof category === 'function' ? ask('category', category, url, object) : category) ??
      own.category,
    labels: { ...own.labels, ...labelsOf(place, object) },
    defaults: { ...SUGGESTED, ...own.defaults },
    expect: { ...own.expect, status },
    ...(headers && { headers: { ...own.headers, ...headers } }),
    ...(said.every && { every: said.every }),
    guard: allow ? { allow } : true,
  } as Parameters<typeof http>[1]
}

function labelsOf({ host }: Place, object: Source): Record<string, string> {
  const { namespace = 'default', name } = object.metadata
  if (isRoute(object)) return { namespace, route: name, host }
  const ingressClass = object.spec?.ingressClassName
  return { namespace, ingress: name, ...(ingressClass && { ingressClass }), host }
}
