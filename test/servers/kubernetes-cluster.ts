import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pem } from './certificates.js'
import type { KubernetesServer } from './kubernetes.js'
import { apiAt, type Credentials, type KubernetesApi } from './kubernetes-api.js'
import { type Identities, type KubeconfigOptions, kubeconfig } from './kubernetes-identities.js'
import { compactEtcd, type Place, startApiserver, startEtcd } from './kubernetes-processes.js'
import { freed, type ServerProcess } from './process.js'

export class Cluster implements KubernetesServer {
  readonly url: string
  readonly port: number
  readonly kubeconfig: string
  readonly ca: string
  readonly serviceAccountKey: string
  readonly api: KubernetesApi
  readonly #place: Place
  readonly #identities: Identities
  readonly #keepsData: boolean
  #etcd: ServerProcess | undefined
  #apiserver: ServerProcess | undefined

  constructor(place: Place, identities: Identities, keepsData: boolean) {
    this.#place = place
    this.#identities = identities
    this.#keepsData = keepsData
    this.port = place.port
    this.url = `https://127.0.0.1:${place.port}`
    this.ca = identities.authority.ca
    this.serviceAccountKey = identities.serviceAccountKey
    this.api = this.as(identities.admin)
    this.kubeconfig = join(place.data, 'kubeconfig')
    writeFileSync(this.kubeconfig, this.asKubeconfig(), { mode: 0o600 })
  }

  async start(): Promise<void> {
    this.#etcd = await startEtcd(this.#place)
    this.#apiserver = await startApiserver(this.#place, this.api)
  }

  get apiserver(): ServerProcess {
    return this.#apiserver!
  }

  get etcd(): ServerProcess {
    return this.#etcd!
  }

  stop(): Promise<void> {
    return this.apiserver.stop()
  }

  async kill(): Promise<void> {
    await this.apiserver.kill()
    await freed(this.port)
  }

  pause(): Promise<void> {
    return this.apiserver.pause()
  }

  resume(): void {
    this.apiserver.resume()
  }

  async restart(): Promise<void> {
    await this.kill()
    this.#apiserver = await startApiserver(this.#place, this.api)
  }

  async killEtcd(): Promise<void> {
    await this.etcd.kill()
    await freed(this.#place.etcdPort)
  }

  async restartEtcd(): Promise<void> {
    await this.killEtcd()
    this.#etcd = await startEtcd(this.#place)
  }

  compact(): Promise<void> {
    return compactEtcd(this.#place)
  }

  as(credentials: Credentials): KubernetesApi {
    return apiAt(this.url, this.ca, credentials)
  }

  asKubeconfig(options: KubeconfigOptions = {}): string {
    const isAdmin = options.token === undefined && !options.cert
    const identity = isAdmin ? { user: 'admin', ...this.#identities.admin } : {}
    return kubeconfig(this.ca, { server: this.url, ...identity, ...options })
  }

  certificateOf(user: string, group?: string): Promise<Pem> {
    const organization = group === undefined ? {} : { organization: group }
    return this.#identities.authority.issue({ names: [user], ...organization })
  }

  async serviceAccountToken(namespace: string, name: string, seconds = 3600): Promise<string> {
    const { status } = await this.api.request<{ status: { token: string } }>(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      { spec: { expirationSeconds: seconds } },
    )
    return status.token
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#apiserver?.kill()
    await this.#etcd?.kill()
    if (!this.#keepsData) rmSync(this.#place.data, { recursive: true, force: true, maxRetries: 10 })
  }
}
