import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Authority } from '../servers/certificates.js'
import type { KubernetesServer } from '../servers/kubernetes.js'
import { Project } from './uptime.js'

export const EXAMPLE = join(import.meta.dirname, '../../examples/from-python-uptimeserver')
const DOMAIN = 'cloud.localhost'

/** The hosts that the cluster serves. Names below localhost lead to this machine without a DNS server. */
export const HOSTS = {
  kong: [`orders.api.${DOMAIN}`, `api.${DOMAIN}`],
  plain: [`shop.${DOMAIN}`, `xapi.${DOMAIN}`],
  excluded: [
    ...[`shop.aws.${DOMAIN}`, `orders.api.gce.${DOMAIN}`, 'elsewhere.localhost'],
    ...[`x${DOMAIN}`, `api.${DOMAIN}.elsewhere.localhost`],
  ],
}

/** One request that reached this machine. */
export interface Seen {
  readonly host: string
  readonly path: string
  readonly apikey: string | undefined
}

/** Whatever is behind the Ingresses, and whom it leads elsewhere. Remembers every request. */
export class Sites implements AsyncDisposable {
  readonly seen: Seen[] = []
  readonly #server
  readonly #ca: string

  static async start(): Promise<Sites> {
    const authority = await Authority.create()
    const names = Object.values(HOSTS).flat()
    const sites = new Sites(await authority.issue({ names }), authority.ca)
    await new Promise<void>((resolve) => sites.#server.listen(0, '127.0.0.1', resolve))
    return sites
  }

  private constructor(pem: { readonly cert: string; readonly key: string }, ca: string) {
    this.#ca = ca
    this.#server = createServer(pem, ({ headers, url = '' }, response) => {
      const host = String(headers.host).replace(/:\d+$/, '')
      this.seen.push({ host, path: url, apikey: headers.apikey?.toString() })
      // One of the family leads to somebody who is not of it.
      const leads = host === HOSTS.kong[1] && url === '/health'
      if (leads) response.writeHead(302, { location: `https://${HOSTS.plain[0]}:${this.port}/arrived` })
      response.end()
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get ca(): string {
    return this.#ca
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** A copy of the example in which its user has put in their own domain, and where it is. */
export function portProject(secret: object, sites: { readonly port: number; readonly ca: string }): Project {
  const project = new Project({ 'secret.json': JSON.stringify(secret), 'ca.pem': sites.ca })
  for (const name of readdirSync(EXAMPLE))
    if (/\.ts$|^package\.json$/.test(name)) copyFileSync(join(EXAMPLE, name), project.path(name))
  symlinkSync(join(EXAMPLE, 'node_modules'), project.path('node_modules'))
  const rules = edited(readFileSync(join(EXAMPLE, 'ingress.ts'), 'utf8'), [
    ['cloud\\.example\\.com', DOMAIN.replace('.', '\\.')],
    [
      `health: 'health',`,
      `health: (url) => Object.assign(new URL('health', url.replace(/\\/?$/, '/')), { port: '${sites.port}' }),
       allow: ['*', '127.0.0.0/8', '::1'],`,
    ],
  ])
  writeFileSync(project.path('ingress.ts'), rules)
  return project
}

function edited(text: string, edits: readonly (readonly [before: string, after: string])[]): string {
  return edits.reduce((edited, [before, after]) => {
    if (!edited.includes(before)) throw new Error(`the example does not say ${before} any more`)
    return edited.replaceAll(before, after)
  }, text)
}

/** A kubeconfig with the contexts that the file names, all of one cluster. */
export function withContexts(cluster: KubernetesServer, contexts: readonly string[]): string {
  const text = cluster.asKubeconfig()
  const config = JSON.parse(text) as {
    contexts: { name: string; context: object }[]
    'current-context': string
  }
  const { context } = config.contexts[0]!
  return JSON.stringify({ ...config, contexts: contexts.map((name) => ({ name, context })) })
}
