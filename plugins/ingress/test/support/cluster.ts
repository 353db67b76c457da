import type { Discovery, Service, Skipped } from '@uptimeserver/core'
import { type Ingress, type IngressOptions, ingress } from '@uptimeserver/ingress'
import { quietContext } from '@uptimeserver/testing'
import type { KubernetesApi } from '../../../../test/servers/kubernetes-api.js'

const BACKEND = { service: { name: 'web', port: { number: 80 } } }
const INGRESSES = '/apis/networking.k8s.io/v1'

export interface IngressText {
  readonly hosts?: readonly string[]
  readonly paths?: readonly (readonly [path: string, pathType: string])[]
  readonly spec?: object
  readonly annotations?: Record<string, string>
  readonly labels?: Record<string, string>
}

/** An Ingress as one would write it. */
export function ingressObject(name: string, text: IngressText = {}): object {
  const { hosts = [`${name}.example`], paths = [['/', 'Prefix']], spec, annotations, labels } = text
  const http = { paths: paths.map(([path, pathType]) => ({ path, pathType, backend: BACKEND })) }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, ...(annotations && { annotations }), ...(labels && { labels }) },
    spec: spec ?? { rules: hosts.map((host) => ({ host, http })) },
  }
}

/** The Ingresses of one namespace. */
export class Namespace {
  readonly #api: KubernetesApi
  readonly name: string

  private constructor(api: KubernetesApi, name: string) {
    this.#api = api
    this.name = name
  }

  static async create(api: KubernetesApi, name: string): Promise<Namespace> {
    await api.request('POST', '/api/v1/namespaces', { metadata: { name } })
    return new Namespace(api, name)
  }

  create(name: string, text?: IngressText): Promise<Ingress> {
    return this.#api.request('POST', this.#path(), ingressObject(name, text))
  }

  patch(name: string, patch: object): Promise<Ingress> {
    return this.#api.request('PATCH', this.#path(name), patch)
  }

  /** As a controller does it all the time. */
  setStatus(name: string, ip: string): Promise<Ingress> {
    const status = { loadBalancer: { ingress: [{ ip }] } }
    return this.#api.request('PATCH', `${this.#path(name)}/status`, { status })
  }

  remove(name: string): Promise<unknown> {
    return this.#api.request('DELETE', this.#path(name))
  }

  async list(): Promise<readonly Ingress[]> {
    return (await this.#api.request<{ items: Ingress[] }>('GET', this.#path())).items
  }

  #path(name = ''): string {
    return `${INGRESSES}/namespaces/${this.name}/ingresses${name && `/${name}`}`
  }
}

/** Follows a provider as the runner does, and remembers its last set. */
export class Follower implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  sets = 0
  services: ReadonlyMap<string, Service> = new Map()
  skipped: readonly Skipped[] = []
  failure: string | undefined

  constructor(options: IngressOptions) {
    this.#done = this.#follow(ingress(options).discover(quietContext(this.#stop.signal)))
  }

  get urls(): string[] {
    return [...this.services.keys()].sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the test is over'))
    await this.#done
  }

  async #follow(sets: AsyncIterable<Discovery>): Promise<void> {
    try {
      for await (const { services, skipped = [] } of sets) {
        this.sets++
        this.services = new Map(services.map((service) => [service.identity!, service]))
        this.skipped = skipped
      }
    } catch (error) {
      this.failure = (error as Error).message
    }
  }
}
