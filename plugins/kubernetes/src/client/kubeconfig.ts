import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { isSecret, messageOf, reveal, type Secret } from '@uptimeserver/core'
import { loadClient } from './load-client.js'

/** Which cluster, and as whom. */
export interface ClusterOptions {
  /**
   * A path to a kubeconfig, or its content as a secret. Default: what `kubectl` would take, `$KUBECONFIG` or `~/.kube/config`; in a pod
   * the service account's.
   */
  readonly kubeconfig?: string | Secret | undefined
  /** The context in it. Default: the current one. */
  readonly context?: string | undefined
}

/** How long whoever makes credentials is waited for before another try, in ms. */
const PATIENCE = 60_000
const EMPTY = 'it holds no clusters, contexts and users'

/** What to send a request with. */
export interface Access {
  /** The API server, without a slash at its end. */
  readonly server: string
  /** What the context, or the pod, is in; `default` where neither says. */
  readonly namespace: string
  readonly options: RequestOptions
}

/** A kubeconfig that cannot be used as it is, which takes a person. */
export class KubeconfigError extends Error {
  constructor(problem: string) {
    super(`kubeconfig: ${problem}`)
  }
}

/** What the client puts in place of a cluster where it has found none. */
const NOBODY = { context: 'loaded-context', server: 'http://localhost:8080' }

/**
 * Credentials as the ordinary client reads them: tokens, client certificates, exec plugins, a pod's service account, whose token it
 * reads again once a minute because it is exchanged while we run.
 */
export class Credentials {
  readonly #options: ClusterOptions
  #config: Promise<KubeConfig> | undefined
  #access: { readonly found: Promise<Access>; readonly since: number } | undefined

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  /**
   * Whoever asks while it is being found out waits for the same: an exec plugin that hangs is not started again and again, but once
   * a minute.
   */
  access(): Promise<Access> {
    const since = performance.now()
    if (this.#access && since - this.#access.since < PATIENCE) return this.#access.found
    const found = this.#find().finally(() => {
      if (this.#access?.found === found) this.#access = undefined
    })
    this.#access = { found, since }
    return found
  }

  /** Reads everything anew with the next request. */
  forget(): void {
    this.#config = undefined
  }

  async #find(): Promise<Access> {
    this.#config ??= load(this.#options)
    const config = await this.#config
    const options: RequestOptions = { headers: {} }
    await config.applyToHTTPSOptions(options)
    const namespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim() || 'default'
    return { server: config.getCurrentCluster()!.server, namespace, options }
  }
}

async function load({ kubeconfig, context }: ClusterOptions): Promise<KubeConfig> {
  const { KubeConfig } = await loadClient()
  const config = new KubeConfig()
  read(config, kubeconfig)
  const problem = absenceOf(config) ?? problemIn(config, context ?? config.getCurrentContext())
  if (problem) throw new KubeconfigError(problem)
  if (context !== undefined) config.setCurrentContext(context)
  return config
}

function read(config: KubeConfig, kubeconfig: string | Secret | undefined): void {
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else if (isSecret(kubeconfig)) config.loadFromString(reveal(kubeconfig))
    else config.loadFromFile(kubeconfig)
  } catch (error) {
    throw new KubeconfigError(whyUnreadable(error))
  }
}

/** Without the lines around the place, which may hold a token. */
function whyUnreadable(error: unknown): string {
  const { name, mark } = error as { name: string; mark?: { line: number } }
  if (name === 'YAMLException') return `it is no YAML${mark ? `, line ${mark.line + 1}` : ''}`
  return error instanceof TypeError ? EMPTY : messageOf(error)
}

function absenceOf(config: KubeConfig): string | undefined {
  const isNobody =
    config.getCurrentContext() === NOBODY.context && config.getCurrentCluster()?.server === NOBODY.server
  if (isNobody)
    return 'there is none: neither $KUBECONFIG, nor ~/.kube/config, nor the service account of a pod'
  return config.getContexts().length ? undefined : EMPTY
}

function problemIn(config: KubeConfig, context: string): string | undefined {
  const known = config
    .getContexts()
    .map(({ name }) => name)
    .join(', ')
  if (!context) return `it has no current context; name one with context: ${known}`
  const { cluster, user } = config.getContextObject(context) ?? {}
  if (cluster === undefined) return `it has no context "${context}", only ${known}`
  if (!config.getCluster(cluster)?.server) return `the cluster of context "${context}" is not in it`
  return config.getUser(user!) ? undefined : `the user of context "${context}" is not in it`
}
