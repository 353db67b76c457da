import type { Discovery } from '@uptimeserver/core'
import type { Ingress } from '../../src/objects.js'
import { type Strange, saidPath } from './strange.js'

/** A person's own reading of what an Ingress must come to, written without a look at the plugin. */

export function isAskable(host: string | undefined): host is string {
  return Boolean(host) && !/[\s/\\?#@:%*]/.test(host!) && URL.canParse(`http://${host}/`)
}

/** How many services and skipped things an object must come to. */
export function dueOf({ spec, annotations, faults }: Strange): number {
  if (annotations['uptime.dev/skip'] === 'true') return faults + 1
  const { rules = [], defaultBackend } = spec
  const perRule = rules.map(({ host, http }) => (isAskable(host) ? http?.paths?.length || 1 : 1))
  return perRule.reduce((sum, due) => sum + due, faults + (defaultBackend || !rules.length ? 1 : 0))
}

/** What has come of an object: its services, and what is said of the rest. */
export function foundOf({ metadata }: Ingress, { services, skipped = [] }: Discovery) {
  const title = `${metadata.namespace}/${metadata.name}`
  const own = services.filter(({ labels }) => labels?.ingress === metadata.name)
  const left = skipped.filter(({ what }) => what === title || what.startsWith(`${title} `))
  return { services: own, left: left.map(({ what }) => what.slice(title.length + 1)) }
}

export interface Spot {
  readonly host: string
  readonly path: string
}

/** Every host and path, and every rule that has no such thing. */
export function spotsOf({ spec }: Ingress): { readonly spots: Spot[]; readonly others: string[] } {
  const spots: Spot[] = []
  const others: string[] = []
  for (const [index, { host, http }] of (spec?.rules ?? []).entries()) {
    const paths = http?.paths ?? []
    if (!isAskable(host) || !paths.length) others.push(host || `rule ${index + 1}`)
    else for (const { path } of paths) spots.push({ host, path: path || '/' })
  }
  return { spots, others }
}

/** The URLs that a spot may be checked at, whatever the options of the test. */
export function urlsOf({ host, path }: Spot, object: Ingress): string[] {
  return ['http', 'https'].flatMap((scheme) => {
    const base = new URL(`${scheme}://${host}/`)
    base.pathname = path
    const said = saidPath(object)
    if (said !== undefined) return [new URL(said, base).href]
    const below = base.href.replace(/\/?$/, '/health')
    return [base.href, below, `${base.href}?ok`, new URL('/healthz', base).href]
  })
}
