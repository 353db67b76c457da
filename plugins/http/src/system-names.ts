import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'

/** What the machine says about names, besides its DNS servers. */
export interface SystemNames {
  /** The hosts file: name in lower case → addresses. */
  readonly hosts: ReadonlyMap<string, readonly string[]>
  /** Domains to try after a name, and how many dots make a name complete (resolv.conf(5)). */
  readonly search: readonly string[]
  readonly ndots: number
  /** Changes when any of it may have changed. */
  readonly stamp: string
}

const HOSTS = process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts'
const RESOLV_CONF = '/etc/resolv.conf'

/** Reads the hosts file and the search list, unless nothing has changed since `last`. */
export function readSystemNames(last?: SystemNames): SystemNames {
  const stamp = `${stampOf(HOSTS)} ${stampOf(RESOLV_CONF)}`
  if (last?.stamp === stamp) return last
  return { hosts: parseHosts(read(HOSTS)), ...parseResolvConf(read(RESOLV_CONF)), stamp }
}

export function parseHosts(text: string): Map<string, string[]> {
  const hosts = new Map<string, string[]>()
  for (const words of linesOf(text)) {
    const [address = '', ...names] = words
    if (!isIP(address)) continue
    for (const name of names.map((word) => word.toLowerCase())) {
      hosts.set(name, [...(hosts.get(name) ?? []), address])
    }
  }
  return hosts
}

/** The last `domain` or `search` line holds; `ndots` is 1 where nobody says otherwise. */
export function parseResolvConf(text: string): Pick<SystemNames, 'search' | 'ndots'> {
  let search: readonly string[] = []
  let ndots = 1
  for (const [keyword, ...words] of linesOf(text)) {
    if (keyword === 'search' || keyword === 'domain') search = words.map((word) => word.replace(/\.$/, ''))
    if (keyword === 'options') ndots = Number(/(?:^| )ndots:(\d+)/.exec(words.join(' '))?.[1] ?? ndots)
  }
  return { search: search.filter(Boolean), ndots }
}

/** The names to ask for, in order: a name with enough dots as it is first, another one with the search list first. */
export function candidates(name: string, { search, ndots }: Pick<SystemNames, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const searched = search.map((domain) => `${name}.${domain}`)
  return name.split('.').length - 1 >= ndots ? [name, ...searched] : [...searched, name]
}

function linesOf(text: string): string[][] {
  const lines = text.split('\n').map((line) => line.replace(/[#;].*/, '').trim())
  return lines.filter(Boolean).map((line) => line.split(/\s+/))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(path)
    return `${mtimeMs}/${ino}/${size}`
  } catch {
    return 'none'
  }
}
