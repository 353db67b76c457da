import {
  hostFault,
  type Ingress,
  type IngressRule,
  nameOf,
  type Place,
  type Reading,
  type Served,
} from './objects.js'

/** ingress-nginx takes every path of such an object as a pattern: https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/ */
const NGINX = 'nginx.ingress.kubernetes.io'
/** What no plain path holds; a controller that is handed it takes it as a pattern. */
const PATTERN = /[()[\]{}*+?^$|\\]/

/** Every host and path of an Ingress. Nothing of it is lost: what cannot be checked is named with the reason. */
export function readIngress(ingress: Ingress): Reading {
  const { rules = [], defaultBackend } = ingress.spec ?? {}
  const readings = rules.map((rule, index) => readRule(ingress, rule, index))
  const skipped = readings.flatMap((reading) => reading.skipped)
  const name = nameOf(ingress)
  if (defaultBackend) skipped.push({ what: `${name} default backend`, reason: 'it names no host' })
  else if (!rules.length) skipped.push({ what: name, reason: 'it has no rules' })
  return { places: readings.flatMap((reading) => reading.places), skipped }
}

function readRule(ingress: Ingress, { host, http }: IngressRule, index: number): Reading {
  const what = `${nameOf(ingress)} ${host || `rule ${index + 1}`}`
  const fault = hostFault(host) ?? (http?.paths?.length ? undefined : 'it has no paths')
  if (fault) return { places: [], skipped: [{ what, reason: fault }] }
  const scheme = isSecured(ingress, host!) ? 'https' : 'http'
  const places = http!.paths!.map(
    ({ path, pathType }): Place => ({
      scheme,
      host: host!,
      path: path || '/',
      served: servedAs(ingress, path || '/', pathType),
    }),
  )
  return { places, skipped: [] }
}

function servedAs({ metadata }: Ingress, path: string, pathType: string | undefined): Served {
  const takesPatterns = pathType === 'ImplementationSpecific' || usesRegex(metadata.annotations ?? {})
  if (takesPatterns && PATTERN.test(path)) return 'pattern'
  return pathType === 'Exact' ? 'exact' : 'prefix'
}

function usesRegex(annotations: Readonly<Record<string, string>>): boolean {
  return annotations[`${NGINX}/use-regex`] === 'true' || `${NGINX}/rewrite-target` in annotations
}

/** An entry without hosts is for whatever the controller serves: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls */
function isSecured({ spec }: Ingress, host: string): boolean {
  return (spec?.tls ?? []).some(({ hosts = [] }) => !hosts.length || hosts.some((each) => covers(each, host)))
}

/** A wildcard stands for one label. */
function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern.toLowerCase() === host.toLowerCase()
  return pattern.slice(1).toLowerCase() === host.slice(host.indexOf('.')).toLowerCase()
}
