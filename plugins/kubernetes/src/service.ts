import { type Context, type Detail, isUptimeError, type ServicePart } from '@uptimeserver/core'
import { CheckFailed } from '@uptimeserver/core/kit'
import { Cluster } from './client/cluster.js'
import { list } from './client/pages.js'
import { hasStatus } from './client/problems.js'
import { type Node, percentOf, suffices, survey } from './nodes.js'
import type { KubernetesOptions } from './options.js'

/** How many nodes a detail names at most. */
const NAMED = 5

interface Finding {
  readonly faults: readonly string[]
  readonly detail: Detail
}

/** The check of one cluster. */
export class KubernetesCheck implements ServicePart {
  readonly #options: KubernetesOptions
  readonly #cluster: Cluster

  constructor(options: KubernetesOptions) {
    this.#options = options
    this.#cluster = new Cluster(options)
  }

  async check({ signal }: Context): Promise<Detail> {
    const { check = 'nodes' } = this.#options
    const wanted = check === 'both' ? (['ready', 'nodes'] as const) : ([check] as const)
    const findings = await Promise.all(wanted.map((each) => this.#find(each, signal)))
    const faults = [...new Set(findings.flatMap((finding) => finding.faults))]
    const detail: Detail = Object.assign({}, ...findings.map((finding) => finding.detail))
    if (faults.length) throw new CheckFailed(faults.join('; '), detail)
    return detail
  }

  async #find(what: 'nodes' | 'ready', signal: AbortSignal): Promise<Finding> {
    try {
      return what === 'nodes' ? await this.#findNodes(signal) : await this.#findReady(signal)
    } catch (error) {
      return { faults: [this.#explain(error)], detail: {} }
    }
  }

  async #findNodes(signal: AbortSignal): Promise<Finding> {
    const { availability = 80, selector, ignoreCordoned = false } = this.#options
    const query = selector === undefined ? {} : { labelSelector: selector }
    const { items } = await list<Node>(this.#cluster, '/api/v1/nodes', query, signal)
    const found = survey(items, ignoreCordoned)
    const { ready, total, others } = found
    const percent = percentOf(found)
    const named = others.slice(0, NAMED)
    const more = others.length - named.length
    const detail = { ready, total, percent, ...(named.length && { notReady: named }), ...(more && { more }) }
    if (suffices(found, availability)) return { faults: [], detail }
    if (!total) return { faults: [`there is no node${selector ? ` with ${selector}` : ''}`], detail }
    const fault = `${ready} of ${total} nodes are ready (${percent} %), ${availability} % required`
    return { faults: [fault, ...named, ...(more ? [`and ${more} more`] : [])], detail }
  }

  /** https://kubernetes.io/docs/reference/using-api/health-checks/ */
  async #findReady(signal: AbortSignal): Promise<Finding> {
    const began = performance.now()
    try {
      await this.#cluster.text('/readyz?verbose', signal)
      return { faults: [], detail: { latencyMs: Math.round((performance.now() - began) * 10) / 10 } }
    } catch (error) {
      if (!hasStatus(error, 500)) throw error
      const failed = [...error.body.matchAll(/\[-\]([\w/.-]+)/g)].map(([, name]) => name)
      return {
        faults: [`the API server is not ready${failed.length ? `: ${failed.join(', ')}` : ''}`],
        detail: {},
      }
    }
  }

  #explain(error: unknown): string {
    if (isUptimeError(error, 'CHECK_TIMEOUT'))
      return `${error.message}: no answer from ${this.#cluster.server}`
    return this.#cluster.problemOf(error)
  }
}
