import { type Context, type Detail, isUptimeError, type ServicePart } from '@uptimeserver/core'
import { CheckFailed, SecureContexts, survey } from '@uptimeserver/core/kit'
import { ask, type Telling } from './ask.js'
import { AwsSigner } from './aws.js'
import { Host, Place } from './host.js'
import { urlsOf } from './hosts.js'
import type { ElasticsearchOptions } from './options.js'
import { problemOf } from './problems.js'
import { Version } from './version.js'

/** How long the others may take once enough hosts do well, in ms. */
const GRACE = 200
const NO_ANSWER = 'no answer'

interface Finding extends Telling {
  readonly host: string
}

/** The check of one cluster, by all of its hosts side by side. */
export class ElasticsearchCheck implements ServicePart {
  readonly name: string
  readonly #options: ElasticsearchOptions
  readonly #places: readonly Place[]
  readonly #versions: readonly Version[]

  constructor(options: ElasticsearchOptions) {
    const { auth = { type: 'none' }, tls } = options
    this.#options = options
    const signer = auth.type === 'aws' ? new AwsSigner(auth) : undefined
    const access = { auth, signer, tls, contexts: new SecureContexts() }
    this.#places = urlsOf(options.hosts, options).map((url) => new Place(url, access))
    this.#versions = this.#places.map(() => new Version())
    this.name = this.#places.map(({ url }) => url.host).join(', ')
  }

  get endpoints(): string[] {
    return this.#places.map(({ url }) => url.origin)
  }

  async check({ signal }: Context): Promise<Detail> {
    signal.throwIfAborted()
    const began = performance.now()
    const findings = await this.#survey(signal)
    const [good] = findings.filter(({ faults }) => !faults.length)
    const failed = findings.filter(({ faults }) => faults.length)
    const told = good ?? findings.find(({ detail }) => Object.keys(detail).length)
    const detail: Detail = {
      ...(told && { ...told.detail, host: told.host }),
      latencyMs: Math.round((performance.now() - began) * 10) / 10,
      ...(failed.length && findings.length > 1 && { failed: failed.map(({ host }) => host) }),
    }
    const well = findings.length - failed.length
    if (well >= this.#needed) return detail
    const reason = this.#reason(well, failed)
    const isLate = isUptimeError(signal.reason, 'CHECK_TIMEOUT')
    throw new CheckFailed(isLate ? `${signal.reason.message}: ${reason}` : reason, detail)
  }

  get #needed(): number {
    const { require = 'any' } = this.#options
    if (typeof require === 'number') return require
    return require === 'all' ? this.#places.length : 1
  }

  /** What several hosts say alike is said once. */
  #reason(well: number, failed: readonly Finding[]): string {
    const faults = failed.map(({ faults }) => faults.join('; '))
    if (new Set(faults).size === 1 && (this.#places.length === 1 || well === 0)) return faults[0]!
    const share = `${well} of ${this.#places.length} hosts do well, ${this.#needed} required`
    return [share, ...failed.map(({ host }, index) => `${host}: ${faults[index]}`)].join('; ')
  }

  #survey(signal: AbortSignal): Promise<Finding[]> {
    return survey({
      ...{ signal, grace: GRACE, needed: this.#needed },
      before: this.#places.map(({ url }): Finding => ({ host: url.host, faults: [NO_ANSWER], detail: {} })),
      ask: (index, until) => this.#ask(this.#places[index]!, this.#versions[index]!, until),
      isWell: ({ faults }) => !faults.length,
    })
  }

  async #ask(place: Place, version: Version, signal: AbortSignal): Promise<Finding> {
    await using host = new Host(place)
    const { url } = place
    try {
      return { host: url.host, ...(await ask({ host, version }, this.#options, signal)) }
    } catch (error) {
      version.forget()
      return {
        host: url.host,
        faults: [signal.aborted ? NO_ANSWER : problemOf(error)],
        detail: {},
      }
    }
  }
}
