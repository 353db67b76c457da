import { BlockList, isIP } from 'node:net'

/** How many bits of an IPv6 address come before an IPv4 one that is mapped to it (RFC 4291, section 2.5.5.2). */
const MAPPED = 96

/**
 * Addresses that begin alike. Node's own lists compare them, which takes no dependency: to them `::ffff:10.0.0.1` and
 * `10.0.0.1` are one address.
 */
export class Range {
  readonly #base: string
  readonly #length: number
  readonly #list = new BlockList()

  /** @param length how many bits are alike */
  constructor(base: string, length: number) {
    this.#base = base
    this.#length = length
    this.addTo(this.#list)
  }

  /** `10.0.0.0/8`, `fd00::/8`, or one address; `undefined` for what is none of these. */
  static parse(text: string): Range | undefined {
    const [, base = '', length] = /^([\da-f.:]+)(?:\/(0|[1-9]\d{0,2}))?$/i.exec(text) ?? []
    const family = isIP(base)
    const most = family === 4 ? 32 : 128
    return family && Number(length ?? 0) <= most ? new Range(base, Number(length ?? most)) : undefined
  }

  addTo(list: BlockList): void {
    list.addSubnet(this.#base, this.#length, familyOf(this.#base))
  }

  /** A wide range of IPv6 addresses has no IPv4 ones, or `::/0` would be everything. */
  has(address: string): boolean {
    return (this.#depth >= MAPPED || !IPV4.has(address)) && this.#list.check(address, familyOf(address))
  }

  /** Whether it has all that another one has. */
  holds(other: Range): boolean {
    return other.#depth >= this.#depth && this.has(other.#base)
  }

  /** Its length among IPv6 addresses. */
  get #depth(): number {
    return isIP(this.#base) === 4 ? MAPPED + this.#length : this.#length
  }
}

const IPV4 = new Range('::ffff:0:0', MAPPED)

export function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}
