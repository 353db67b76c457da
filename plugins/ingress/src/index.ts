import { definePlugin, type Provider } from '@uptimeserver/core'
import { type IngressOptions, schema } from './options.js'
import { IngressProvider } from './provider.js'

export type { HttpRoute, Ingress, Source } from './objects.js'
export type { About, CheckOptions, IngressOptions } from './options.js'

/**
 * Discovers what a Kubernetes cluster serves to the outside, by its Ingress and HTTPRoute objects, and checks each host and path with
 * the http check.
 *
 * @example
 * ingress({
 *   name: 'shops',
 *   context: 'production',
 *   category: 'shop',
 *   health: '/healthz',
 *   exclude: (url) => url.includes('.staging.'),
 * })
 */
export const ingress = definePlugin<IngressOptions, Provider>({
  name: 'ingress',
  schema,
  create: (options) => new IngressProvider(options),
})
