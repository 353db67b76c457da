import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pem } from './certificates.js'
import type { Credentials, KubernetesApi } from './kubernetes-api.js'
import { obtainKubernetes } from './kubernetes-build.js'
import { Cluster } from './kubernetes-cluster.js'
import { createIdentities, type KubeconfigOptions } from './kubernetes-identities.js'
import { freePort, type RealServer, type ServerProcess } from './process.js'

export { obtainKubernetes }

export interface KubernetesOptions {
  /** What it holds, kept when it ends. Default: a folder of its own that goes with it. */
  readonly data?: string
  readonly port?: number
  /** Flags besides the usual ones. */
  readonly apiserverFlags?: readonly string[]
  readonly etcdFlags?: readonly string[]
}

/**
 * An API server with its etcd, and nothing else: no nodes but those that are created through the API, no controllers. So a deleted
 * namespace stays (use names of your own), and no namespace has a default service account.
 */
export interface KubernetesServer extends RealServer {
  /** The path of the administrator's kubeconfig file. */
  readonly kubeconfig: string
  /** The certificate of its authority, in PEM. */
  readonly ca: string
  /** In PEM. What signs the tokens of service accounts (RS256). */
  readonly serviceAccountKey: string
  /** As the administrator has it. */
  readonly api: KubernetesApi
  readonly apiserver: ServerProcess
  readonly etcd: ServerProcess
  killEtcd(): Promise<void>
  restartEtcd(): Promise<void>
  /**
   * Makes etcd forget all versions before the current one. A watch from one of them ends with 410 where the API server runs with
   * `--watch-cache-sizes=RESOURCE.GROUP#0` for that resource.
   */
  compact(): Promise<void>
  /** The API as somebody else has it. */
  as(credentials: Credentials): KubernetesApi
  /** The text of a kubeconfig file; the administrator's where it says neither a token nor a certificate. */
  asKubeconfig(options?: KubeconfigOptions): string
  certificateOf(user: string, group?: string): Promise<Pem>
  /** A token of a service account that exists. The server does not take less than 600 seconds. */
  serviceAccountToken(namespace: string, name: string, seconds?: number): Promise<string>
}

/** Starts them, in some 3 seconds. */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<KubernetesServer> {
  const programs = await obtainKubernetes()
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'uptime-kubernetes-'))
  const [port, etcdPort, peerPort] = (await ports(options.port)) as [number, number, number]
  const cluster = new Cluster(
    { ...options, programs, data, port, etcdPort, peerPort },
    await createIdentities(join(data, 'pki')),
    options.data !== undefined,
  )
  try {
    await cluster.start()
  } catch (error) {
    await cluster[Symbol.asyncDispose]()
    throw error
  }
  return cluster
}

/** Three that differ. */
async function ports(first?: number): Promise<readonly number[]> {
  const all = new Set(first === undefined ? [] : [first])
  while (all.size < 3) all.add(await freePort())
  return [...all]
}
