import { BlockList, isIP } from 'node:net'
import { familyOf, Range } from './range.js'

/**
 * Where nothing is that others should have looked at. A cloud's metadata is for the machine alone and hands out its
 * credentials; most clouds have it at a link-local address, and those that are named here elsewhere.
 */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  unspecified: ['::'],
  'this network': ['0.0.0.0/8'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  broadcast: ['255.255.255.255'],
  'metadata of Alibaba Cloud': ['100.100.100.200', 'fd00:100::100:200'],
  'metadata of AWS': ['fd00:ec2::/32'],
  'metadata of Azure': ['168.63.129.16'],
  'metadata of Google Cloud': ['fd20:ce::254'],
  'metadata of Linode': ['fd00:a9fe:a9fe::1'],
  'metadata of Oracle Cloud': ['192.0.0.192', 'fd00:c1::a9fe:a9fe'],
  'metadata of Scaleway': ['fd00:42::42'],
}

/** How an IPv6 address has an IPv4 one in it, besides mapping, of which Node knows; and at which bit. */
const EMBEDDED: readonly (readonly [at: number, write: (ipv4: string) => string])[] = [
  [96, (ipv4) => `::${ipv4}`], // compatible: RFC 4291, section 2.5.5.1
  [96, (ipv4) => `::ffff:0:${ipv4}`], // translated: RFC 2765, section 2.1
  [96, (ipv4) => `64:ff9b::${ipv4}`], // NAT64: RFC 6052, section 2.1
  [96, (ipv4) => `64:ff9b:1::${ipv4}`], // NAT64 within a site: RFC 8215
  [16, (ipv4) => `2002:${groupsOf(ipv4)}::`], // 6to4: RFC 3056, section 2
]

export interface Refused {
  /** What is there. */
  readonly name: string
  readonly range: Range
}

interface Table {
  /** Of two ranges that have an address the first counts: `::1` is more than an IPv4 address that is embedded. */
  readonly ranges: readonly Refused[]
  /** All of them at once, which is as quick as a single one. */
  readonly list: BlockList
}

let table: Table | undefined

/** The range that an address is refused for. */
export function refusedRange(address: string): Refused | undefined {
  table ??= makeTable()
  if (!table.list.check(address, familyOf(address))) return undefined
  return table.ranges.find(({ range }) => range.has(address))
}

function makeTable(): Table {
  const list = new BlockList()
  const ranges = [...refusedAs((text) => [Range.parse(text)!]), ...refusedAs(embeddingsOf)]
  for (const { range } of ranges) range.addTo(list)
  return { ranges, list }
}

function refusedAs(make: (text: string) => readonly Range[]): Refused[] {
  return Object.entries(REFUSED).flatMap(([name, texts]) =>
    texts.flatMap(make).map((range) => ({ name, range })),
  )
}

function embeddingsOf(text: string): Range[] {
  const [base = '', length = '32'] = text.split('/')
  if (isIP(base) !== 4) return []
  return EMBEDDED.map(([at, write]) => new Range(write(base), at + Number(length)))
}

/** `127.0.0.1` → `7f00:1`. */
function groupsOf(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':')
}
