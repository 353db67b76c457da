import { isIP } from 'node:net'
import { hostOf } from '../host.js'
import type { Address } from '../names.js'
import { Allow } from './allow.js'
import { type Refused, refusedRange } from './refused.js'

/** What a URL that somebody else chose may reach. */
export interface GuardOptions {
  /**
   * Nothing but this may be reached: address ranges (`10.0.0.0/8`, `fd00::/8`, `192.0.2.1`) and hosts
   * (`shop.example`, `*.corp.example` for all below it, `*` for all). Addresses that are refused otherwise are reached
   * where a range within theirs names them: `['*', '127.0.0.0/8']` is everything, and loopback.
   */
  readonly allow?: readonly string[] | undefined
}

/** Judges the addresses that connections go to. */
export class Guard {
  readonly #allow: Allow | undefined

  constructor({ allow }: GuardOptions) {
    this.#allow = allow && new Allow(allow)
  }

  static from(option: boolean | GuardOptions | undefined): Guard | undefined {
    return option ? new Guard(option === true ? {} : option) : undefined
  }

  /** Those of a host's addresses that may be connected to. Throws when there is none. */
  permitted(host: string, addresses: readonly Address[]): readonly Address[] {
    const permitted = addresses.filter(({ address }) => !this.problemOf(host, address))
    if (permitted.length) return permitted
    throw new Error(`refused to connect: ${this.problemOf(host, addresses[0]!.address)}`)
  }

  /** Why a host is not connected to at one of its addresses. */
  problemOf(host: string, address: string): string | undefined {
    const bare = address.replace(/%.*/, '') // an interface, as in fe80::1%eth0
    const refused = refusedRange(bare)
    if (refused) return this.#refusal(host, bare, refused)
    if (!this.#allow || this.#allow.hasHost(host) || this.#allow.hasAddress(bare)) return undefined
    return host === bare
      ? `${host} is not in allow`
      : `${host} has the address ${bare}, and allow has neither`
  }

  /** Why a name is connected to at no address, whichever it has. */
  problemOfName(host: string): string | undefined {
    if (!this.#allow || this.#allow.hasRanges || this.#allow.hasHost(host)) return undefined
    return `${host} is not in allow`
  }

  /** The host is not asked: who chooses it may choose its address as well, as an Ingress does by external-dns. */
  #refusal(host: string, address: string, { name, range }: Refused): string | undefined {
    if (this.#allow?.names(address, range)) return undefined
    const subject =
      host === address
        ? `${address} (${name}) is an address`
        : `${host} has the address ${address} (${name}),`
    const remedy = this.#allow ? `add '${address}' to allow` : `allow it with allow: ['*', '${address}']`
    return `${subject} which a discovered service may not reach; ${remedy}`
  }
}

/**
 * Why a host can never be reached within a guard, whatever its name leads to: for providers, which leave such a
 * service out before it is given a secret. `undefined` when only its addresses will tell.
 *
 * @param host as a URL has it: a name or an address, with or without a port
 * @param allow that of {@link GuardOptions}
 *
 * @example
 * hostProblem('2130706433', undefined) // '127.0.0.1 (loopback) is an address which a discovered service may not …'
 * hostProblem('evil.example', ['*.corp.example']) // 'evil.example is not in allow'
 */
export function hostProblem(host: string, allow?: readonly string[]): string | undefined {
  const url = `http://${isIP(host) === 6 ? `[${host}]` : host}`
  if (!URL.canParse(url)) return `${JSON.stringify(host)} is no host`
  const name = hostOf(new URL(url))
  const guard = new Guard({ allow })
  return isIP(name) ? guard.problemOf(name, name) : guard.problemOfName(name)
}
