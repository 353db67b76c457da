import type { IngressOptions } from '@uptimeserver/ingress'
import type { Secret } from 'uptimeserver'

/** Ours, wherever they run. */
const OURS = /(^|\.)cloud\.example\.com$/
/** The same sites once more, by the cluster that they are in. */
const BY_CLUSTER = /(^|\.)(aws|gce)\.cloud\.example\.com$/
/** What Kong stands before. */
const KONG = /(^|\.)api\.cloud\.example\.com$/

/** By the host alone: whoever writes an Ingress chooses its path, and could put any name into that. */
const hostOf = (url: string) => new URL(url).hostname

/** What is checked of all that the cluster serves, where, and who is told the key. */
export function ingressRules(kongKey: Secret): IngressOptions {
  return {
    scheme: 'https',
    health: 'health',
    exclude: (url) => !OURS.test(hostOf(url)) || BY_CLUSTER.test(hostOf(url)),
    headers: (url) => (KONG.test(hostOf(url)) ? { apikey: kongKey } : undefined),
  }
}
