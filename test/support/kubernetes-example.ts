import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { type Kubectl, obtainKubectl } from '../servers/kubectl.js'
import { type KubernetesServer, startKubernetes } from '../servers/kubernetes.js'
import { fill, SOON } from './kubernetes-contents.js'
import { type Right, type Rule, rightsIn, ruleOf } from './kubernetes-rights.js'

export const EXAMPLE = join(import.meta.dirname, '../../examples/kubernetes')
export const NAMESPACE = 'uptime'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

interface Container {
  readonly securityContext: object
  readonly volumeMounts: readonly { readonly mountPath: string; readonly readOnly?: boolean }[]
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

/** The one that runs. */
interface Monitor extends Container {
  readonly command: readonly string[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly readinessProbe: Probe
  readonly livenessProbe: Probe
}

export interface Deployment {
  readonly spec: {
    readonly replicas: number
    readonly strategy: object
    readonly selector: object
    readonly template: {
      readonly metadata: object
      readonly spec: {
        readonly initContainers: readonly Container[]
        readonly containers: readonly [Monitor]
        readonly volumes: readonly { readonly configMap?: { readonly name: string } }[]
      }
    }
  }
}

export function textOf(file: string): string {
  return readFileSync(join(EXAMPLE, file), 'utf8')
}

/** What `kubectl apply -k` is given, besides what names it. */
export const manifests = readdirSync(EXAMPLE).filter(
  (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
)

/** A cluster in which the example was applied as its page says. */
export class ExampleCluster implements AsyncDisposable {
  #accounts = 0
  readonly #kubectl: Kubectl
  readonly server: KubernetesServer
  /** What `kubectl` had to say against it. */
  warnings = ''

  static async start(): Promise<ExampleCluster> {
    const kubectl = await obtainKubectl()
    const cluster = new ExampleCluster(await startKubernetes(), kubectl)
    try {
      const { stderr } = await cluster.kubectl('apply', '-k', EXAMPLE)
      cluster.warnings = stderr
      await fill(cluster.server.api)
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(server: KubernetesServer, kubectl: Kubectl) {
    this.server = server
    this.#kubectl = kubectl
  }

  kubectl(...args: readonly string[]) {
    return this.#kubectl(this.server.kubeconfig, ...args)
  }

  get<T>(path: string): Promise<T> {
    return this.server.api.request<T>('GET', path)
  }

  deployment(): Promise<Deployment> {
    return this.get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/uptime`)
  }

  async monitor(): Promise<Monitor> {
    return (await this.deployment()).spec.template.spec.containers[0]
  }

  /** As the pod has it. */
  async config(): Promise<string | undefined> {
    const { template } = (await this.deployment()).spec
    const name = template.spec.volumes.find(({ configMap }) => configMap)?.configMap?.name
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/${name}`
    return (await this.get<{ data: Record<string, string> }>(path)).data['uptime.config.ts']
  }

  async rules(): Promise<readonly Rule[]> {
    return (await this.get<{ rules: Rule[] }>(`${RBAC}/clusterroles/uptime`)).rules
  }

  /** The kubeconfig of the example's own account. */
  async kubeconfig(account = 'uptime'): Promise<string> {
    return this.server.asKubeconfig({ token: await this.server.serviceAccountToken(NAMESPACE, account) })
  }

  /** The kubeconfig of an account that may do what the example's may, but for this. */
  async kubeconfigWithout(...missing: readonly Right[]): Promise<string> {
    const name = `without-${missing.join('-').replace(/\W/g, '-')}-${++this.#accounts}`
    const kept = rightsIn(await this.rules()).filter((right) => !missing.includes(right))
    const { api } = this.server
    await api.request('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata: { name } })
    await api.request('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules: kept.map(ruleOf) })
    await api.request('POST', `${RBAC}/clusterrolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', namespace: NAMESPACE, name }],
    })
    const token = await this.server.serviceAccountToken(NAMESPACE, name)
    // It takes a moment until the API server goes by it.
    for (const each of kept) await vi.waitFor(() => this.#insist(token, each), SOON)
    return this.server.asKubeconfig({ token })
  }

  async #insist(token: string, right: Right): Promise<void> {
    const { verbs, resources, apiGroups } = ruleOf(right)
    const resourceAttributes = { verb: verbs[0], resource: resources[0], group: apiGroups[0] }
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const review = { spec: { resourceAttributes } }
    const { status } = await this.server
      .as({ token })
      .request<{ status: { allowed: boolean } }>('POST', path, review)
    if (!status.allowed) throw new Error(`may not ${right} yet`)
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.server[Symbol.asyncDispose]()
  }
}
