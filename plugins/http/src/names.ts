import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { candidates, readSystemNames, type SystemNames } from './system-names.js'

export interface Address {
  readonly address: string
  readonly family: 4 | 6
}

interface Known {
  readonly addresses: Promise<readonly Address[]>
  until: number
}

interface Answer {
  readonly addresses: readonly Address[]
  /** How long it may be kept, in ms. */
  readonly ttl: number
}

/** Answers are kept for their TTL, but no longer than this, in ms: a monitor should notice when a name breaks. */
const LONGEST = 10_000
/** How often the hosts file and the like are looked at, in ms. */
const SYSTEM_EVERY = 5_000
/** When one family has answered, the other has this long, in ms (RFC 8305, section 3). */
const RESOLUTION_DELAY = 50
/** getaddrinfo keeps one of libuv's four threads busy; this many at once at most. */
const SYSTEM_LOOKUPS = 2

/**
 * Turns names into addresses: the hosts file, then DNS with the search list, then whatever else the system knows
 * (mDNS and the like). Lookups of one name are shared and kept briefly, and never wait for libuv's threads.
 */
export class Names {
  readonly #known = new Map<string, Known>()
  readonly #servers: readonly string[] | undefined
  #resolver: dns.Resolver | undefined
  #system: SystemNames | undefined
  #systemReadAt = 0
  #systemLookups = 0

  /** @param servers DNS servers to ask (`address:port`) instead of the system's */
  constructor(servers?: readonly string[]) {
    this.#servers = servers
  }

  /** What needs no lookup: a literal address is its own answer. */
  known(host: string): readonly Address[] | undefined {
    const family = isIP(host) as 0 | 4 | 6
    return family ? [{ address: host, family }] : undefined
  }

  /** The addresses of a host, at least one. */
  resolve(host: string, family?: 4 | 6): Promise<readonly Address[]> {
    const literal = this.known(host)
    if (literal) return Promise.resolve(literal)
    const key = `${host}/${family ?? ''}`
    const known = this.#known.get(key)
    if (known && known.until > performance.now()) return known.addresses
    return this.#lookUp(key, host.toLowerCase(), family)
  }

  #lookUp(key: string, host: string, family: 4 | 6 | undefined): Promise<readonly Address[]> {
    const answer = this.#ask(host, family)
    const known: Known = {
      addresses: answer.then(({ addresses }) => addresses),
      until: Number.POSITIVE_INFINITY,
    }
    this.#known.set(key, known)
    answer.then(
      ({ ttl }) => this.#keep(key, known, ttl),
      () => this.#known.delete(key),
    )
    return known.addresses
  }

  #keep(key: string, known: Known, ttl: number): void {
    known.until = performance.now() + Math.min(ttl, LONGEST)
    setTimeout(
      () => this.#known.get(key) === known && this.#known.delete(key),
      Math.min(ttl, LONGEST),
    ).unref()
  }

  async #ask(host: string, family: 4 | 6 | undefined): Promise<Answer> {
    const system = this.#currentSystem()
    const fromHosts = listedIn(system, host, family)
    if (fromHosts.length) return { addresses: fromHosts, ttl: SYSTEM_EVERY }
    let failure: NodeJS.ErrnoException | undefined
    for (const name of candidates(host, system)) {
      try {
        return await this.#query(name, family)
      } catch (error) {
        failure = graver(failure, error as NodeJS.ErrnoException)
      }
    }
    return this.#askSystem(host, family, failure)
  }

  async #query(name: string, family: 4 | 6 | undefined): Promise<Answer> {
    if (family) return this.#queryFamily(name, family)
    const answers: Answer[] = []
    const ask = async (either: 4 | 6) => answers.push(await this.#queryFamily(name, either))
    const asked = [ask(4), ask(6)]
    await Promise.any(asked).catch(() => undefined)
    if (!answers.length) await asked[0]
    await Promise.race([Promise.allSettled(asked), later(RESOLUTION_DELAY)])
    const addresses = answers.flatMap((answer) => answer.addresses)
    const ttl = Math.min(...answers.map((answer) => answer.ttl))
    return { addresses: addresses.sort((a, b) => a.family - b.family), ttl }
  }

  async #queryFamily(name: string, family: 4 | 6): Promise<Answer> {
    const records =
      family === 4
        ? await this.#resolver!.resolve4(name, { ttl: true })
        : await this.#resolver!.resolve6(name, { ttl: true })
    const ttl = Math.min(...records.map((record) => record.ttl)) * 1_000
    return { addresses: records.map(({ address }) => ({ address, family })), ttl }
  }

  /** The system may know names that DNS does not. When it is busy with such, DNS has the last word. */
  async #askSystem(host: string, family: 4 | 6 | undefined, failure: Error | undefined): Promise<Answer> {
    if (this.#systemLookups >= SYSTEM_LOOKUPS) throw failure
    this.#systemLookups++
    try {
      const found = await dns.lookup(host, { all: true, family: family ?? 0 })
      return { addresses: found as Address[], ttl: LONGEST }
    } catch {
      throw failure
    } finally {
      this.#systemLookups--
    }
  }

  /** A resolver keeps the servers it began with, so a changed resolv.conf wants a new one. */
  #currentSystem(): SystemNames {
    const now = performance.now()
    if (this.#system && now - this.#systemReadAt < SYSTEM_EVERY) return this.#system
    const system = readSystemNames(this.#system)
    if (system !== this.#system) this.#resolver = createResolver(this.#servers)
    this.#systemReadAt = now
    this.#system = system
    return system
  }
}

/** What the hosts file says of a name; localhost is the machine itself in any case (RFC 6761, section 6.3). */
function listedIn({ hosts }: SystemNames, host: string, family: 4 | 6 | undefined): Address[] {
  const listed = (hosts.get(host) ?? []).map((address) => ({ address, family: isIP(address) as 4 | 6 }))
  const wanted = listed.filter((address) => !family || address.family === family)
  if (wanted.length || !/(^|\.)localhost$/.test(host)) return wanted
  return LOOPBACK.filter((address) => !family || address.family === family)
}

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

function createResolver(servers: readonly string[] | undefined): dns.Resolver {
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 })
  if (servers) resolver.setServers(servers)
  return resolver
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Of two failures the one that says more: a server that failed says more than a name that does not exist. */
function graver(a: NodeJS.ErrnoException | undefined, b: NodeJS.ErrnoException): NodeJS.ErrnoException {
  return a && (isAbsence(b) || !isAbsence(a)) ? a : b
}

function isAbsence({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOTFOUND' || code === 'ENODATA'
}
