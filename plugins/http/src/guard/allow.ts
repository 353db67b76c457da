import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import * as v from 'valibot'
import { Range } from './range.js'

const ENTRY_EXPECTED = `an address range such as '10.0.0.0/8' or a host such as '*.example.com'`
const LIST_EXPECTED = `a list with ${ENTRY_EXPECTED}`

/** The schema of a list of what may be reached. An empty one would let nothing be reached. */
export const allowList = v.pipe(
  v.array(v.custom<string>(isEntry, ENTRY_EXPECTED), LIST_EXPECTED),
  v.nonEmpty(LIST_EXPECTED),
  v.readonly(),
)

function isEntry(value: unknown): value is string {
  return typeof value === 'string' && (Range.parse(value) ?? parseHost(value)) !== undefined
}

/** Address ranges and hosts that may be reached. */
export class Allow {
  readonly #ranges: readonly Range[]
  readonly #hosts: readonly string[]

  constructor(entries: readonly string[]) {
    const isRange = (entry: string) => Range.parse(entry) !== undefined
    this.#ranges = entries.flatMap((entry) => Range.parse(entry) ?? [])
    this.#hosts = entries.filter((entry) => !isRange(entry)).flatMap((entry) => parseHost(entry) ?? [])
  }

  get hasRanges(): boolean {
    return this.#ranges.length > 0
  }

  hasHost(host: string): boolean {
    const name = host.replace(/\.$/, '')
    return this.#hosts.some((pattern) => matches(pattern, name))
  }

  hasAddress(address: string): boolean {
    return this.#ranges.some((range) => range.has(address))
  }

  /** Whether a range of its own is about such addresses: a wide one that has them among others does not mean them. */
  names(address: string, refused: Range): boolean {
    return this.#ranges.some((range) => refused.holds(range) && range.has(address))
  }
}

function matches(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*')) return pattern === host
  const rest = pattern.slice(1)
  return host.endsWith(rest) && host.length > rest.length
}

/** A host or a pattern of hosts as URLs have them: in lower case and ASCII, without the dot of the root. */
function parseHost(text: string): string | undefined {
  if (text === '*') return text
  const [, wildcard = '', host = ''] = /^(\*\.)?([^*/\\?#%\s]+?)\.?$/.exec(text) ?? []
  const name = domainToASCII(host)
  const isName = /^[\w-]+(\.[\w-]+)*$/.test(name) && !isIP(name)
  return isName ? wildcard + name : undefined
}
