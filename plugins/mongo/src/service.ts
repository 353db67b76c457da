import {
  type Context,
  type Detail,
  isSecret,
  isUptimeError,
  reveal,
  type ServicePart,
} from '@uptimeserver/core'
import { CheckFailed } from '@uptimeserver/core/kit'
import { surveyMembers } from './all-members.js'
import { problemOf } from './client/problems.js'
import { hostsOf } from './client/uri.js'
import { Deployment } from './deployment.js'
import { faultsOf } from './judge.js'
import { lagOf, type Member } from './member.js'
import { askAny, askPrimary } from './one-member.js'
import type { CheckOptions } from './options.js'

/** The check of one deployment. Its client lives from one check to the next, and ends with the first that fails. */
export class MongoCheck implements ServicePart {
  readonly name: string | undefined
  readonly #options: CheckOptions
  #deployment: Deployment | undefined

  constructor(options: CheckOptions) {
    this.#options = options
    this.name = isSecret(options.uri) ? undefined : hostsOf(options.uri)
  }

  get endpoints(): string[] {
    const { uri } = this.#options
    if (isSecret(uri)) return []
    const protocol = uri.slice(0, uri.indexOf(':'))
    const hosts = hostsOf(uri).split(',')
    return hosts.map((host) => `${protocol}://${host}`)
  }

  async check({ signal }: Context): Promise<Detail> {
    signal.throwIfAborted()
    const kept = this.#deployment?.isLost ? this.#drop(this.#deployment) : this.#deployment
    // A connection that was kept may have ended meanwhile, which is no fault of a server that takes a new one.
    const outcome =
      kept &&
      (await this.#ask(kept, signal).catch((error) => this.#fail(kept, error, signal, isStale(error))))
    if (outcome) return outcome
    this.#deployment ??= new Deployment(this.#options)
    const fresh = this.#deployment
    return this.#ask(fresh, signal).catch((error) => this.#fail(fresh, error, signal, false) as never)
  }

  async close(): Promise<void> {
    const deployment = this.#deployment
    this.#deployment = undefined
    await deployment?.close()
  }

  #drop(deployment: Deployment): undefined {
    if (this.#deployment === deployment) this.#deployment = undefined
    void deployment.close()
  }

  /** After a failure nothing is kept. Throws it in words, unless it is worth another try. */
  #fail(deployment: Deployment, error: unknown, signal: AbortSignal, mayTryAgain: boolean): undefined {
    this.#drop(deployment)
    if (error instanceof CheckFailed) throw error
    if (signal.aborted) throw lateError(signal.reason, deployment)
    if (!mayTryAgain) throw new CheckFailed(problemOf(error, reveal(this.#options.uri)), {}, error)
  }

  async #ask(deployment: Deployment, signal: AbortSignal): Promise<Detail> {
    const began = performance.now()
    const members = await wayOf(this.#options)(deployment, this.#options, signal)
    const detail = detailOf(members, performance.now() - began)
    const faults = faultsOf(members, this.#options)
    if (faults.length) throw new CheckFailed(faults.join('; '), detail)
    return detail
  }
}

/** Whether a new connection may do better. When no server was found, new ones were tried already. */
function isStale(error: unknown): boolean {
  return (error as Error).name !== 'MongoServerSelectionError'
}

/** What the driver throws then says less than why it had to stop. */
function lateError(why: unknown, deployment: Deployment): unknown {
  if (!isUptimeError(why, 'CHECK_TIMEOUT')) return why
  return new CheckFailed(`${why.message}: ${deployment.trouble()}`, {}, why)
}

/** Every member is asked for itself only where that is needed. */
function wayOf({ require = 'any', maxReplicationLag, minVersion }: CheckOptions) {
  if (require !== 'any' && require !== 'primary') return surveyMembers
  if (maxReplicationLag !== undefined || minVersion !== undefined) return surveyMembers
  return require === 'any' ? askAny : askPrimary
}

function detailOf(members: readonly Member[], latency: number): Detail {
  const primary = members.find(({ state, isUp }) => state === 'primary' && isUp)?.host
  const version = members.find((member) => member.version !== undefined)?.version
  return {
    latencyMs: Math.round(latency * 10) / 10,
    ...(version !== undefined && { version }),
    ...(primary !== undefined && { primary }),
    members: Object.fromEntries(members.map((member) => [member.host, shown(member, members)])),
  }
}

function shown(member: Member, members: readonly Member[]): string {
  if (member.problem !== undefined) return member.problem
  const lag = lagOf(member, members)
  return lag === undefined ? member.state : `${member.state}, ${lag} ms behind`
}
