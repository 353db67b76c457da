import { type Lease, type LeaseRecord, type LeaseStore, parseDuration, systemClock } from '@uptimeserver/core'
import { type Change, Cluster } from '../client/cluster.js'
import { inTime } from '../client/in-time.js'
import { hasStatus } from '../client/problems.js'
import { type LeaseObject, leaseIn, specOf } from './object.js'
import type { KubernetesLeaseOptions } from './options.js'
import { leaseError } from './problems.js'

const API_VERSION = 'coordination.k8s.io/v1'

/** One Lease object. The token is its version: the API server writes over no other. */
export class KubernetesLeases implements LeaseStore {
  readonly #cluster: Cluster
  readonly #name: string
  readonly #namespace: string | undefined
  readonly #timeout: number
  /** The object as it was seen last. */
  #seen: LeaseObject | undefined
  #writes = 0

  constructor({ name = 'uptime', namespace, timeout = '5s', ...cluster }: KubernetesLeaseOptions) {
    this.#cluster = new Cluster(cluster)
    this.#name = name
    this.#namespace = namespace
    this.#timeout = parseDuration(timeout)!
  }

  async read(): Promise<LeaseRecord | undefined> {
    const found = await this.#ask([404])
    return found && { lease: leaseIn(found), token: tokenOf(found) }
  }

  async write(lease: Lease, token: string | undefined): Promise<string | undefined> {
    const body = this.#objectOf(lease, token)
    const written =
      token === undefined
        ? await this.#ask([409], { method: 'POST', body })
        : await this.#ask([404, 409], { method: 'PUT', body })
    return written && tokenOf(written)
  }

  /** What others have put there stays: labels, annotations, whoever owns it. */
  #objectOf(lease: Lease, token: string | undefined): object {
    const seen = this.#seen && tokenOf(this.#seen) === token ? this.#seen : undefined
    const [uid, resourceVersion] = token?.split('/') ?? []
    const metadata = { name: this.#name, uid, resourceVersion }
    const spec = specOf(lease, this.#writes++ % 1_000)
    return {
      ...{ apiVersion: API_VERSION, kind: 'Lease' },
      metadata: { ...seen?.metadata, ...metadata },
      spec: { ...seen?.spec, ...spec },
    }
  }

  /** The object as it is now; `undefined` when the answer is one of those by which somebody else was quicker. */
  async #ask(missed: readonly number[], change?: Change): Promise<LeaseObject | undefined> {
    const never = new AbortController().signal
    const exchange = (signal: AbortSignal) => this.#exchange(signal, change)
    try {
      this.#seen = await inTime(systemClock, this.#timeout, never, 'no answer from the API server', exchange)
      return this.#seen
    } catch (error) {
      if (missed.some((status) => hasStatus(error, status))) return undefined
      throw leaseError(error, this.#name, this.#cluster)
    }
  }

  async #exchange(signal: AbortSignal, change: Change | undefined): Promise<LeaseObject> {
    const namespace = this.#namespace ?? (await this.#cluster.namespace(signal))
    const all = `/apis/${API_VERSION}/namespaces/${namespace}/leases`
    return this.#cluster.json(change?.method === 'POST' ? all : `${all}/${this.#name}`, signal, change)
  }
}

/** The uid, too: a version alone would not keep the API server from making a lease anew that was deleted meanwhile. */
function tokenOf({ metadata }: LeaseObject): string {
  return `${metadata.uid}/${metadata.resourceVersion}`
}
