import { promises as dns } from 'node:dns'
import type { ResolvedConfig } from '@uptimeserver/core'
import { plural } from '../ui/format.js'
import { endpointsIn, nameIn } from './endpoints.js'
import { DEADLINE, type Finding, ok, problem } from './finding.js'

/** Each lookup keeps one of Node's four threads busy. */
const AT_ONCE = 2
/** So many names are told in full. */
const MOST_NAMED = 5
/** What is left to say so, in ms. */
const MARGIN = 500

/** Whether the names that the config's services connect to have addresses. */
export async function judgeNames(config: ResolvedConfig, deadline = DEADLINE): Promise<readonly Finding[]> {
  const lookups = new Map(endpointsIn(config).flatMap(lookupOf))
  if (!lookups.size) return [ok('dns', 'no service of the config names a host that has to be looked up')]
  const failures = await failuresAmong([...lookups], performance.now() + deadline - MARGIN)
  if (!failures.length)
    return [ok('dns', `${plural(lookups.size, 'host')} found: ${list([...lookups.keys()])}`)]
  const found = `${failures.length} of ${plural(lookups.size, 'host')} not found: ${list(failures)}`
  return [problem('dns', found, 'mend the names in the config, or the DNS servers of this machine')]
}

type Lookup = () => Promise<unknown>

function lookupOf(url: URL): [string, Lookup][] {
  const name = nameIn(url)
  if (!name) return []
  if (url.protocol !== 'mongodb+srv:') return [[name, () => dns.lookup(name)]]
  const record = `_mongodb._tcp.${name}`
  return [[record, () => dns.resolveSrv(record)]]
}

async function failuresAmong(
  lookups: readonly (readonly [string, Lookup])[],
  end: number,
): Promise<string[]> {
  const failures: string[] = []
  const waiting = lookups.values()
  const work = async () => {
    for (const [name, lookUp] of waiting) {
      const why = performance.now() < end ? await whyNot(lookUp, end) : NOT_ASKED
      if (why) failures.push(`${name} (${why})`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return failures
}

const NOT_ASKED = 'no time was left to ask'

async function whyNot(lookUp: Lookup, end: number): Promise<string | undefined> {
  const failed = lookUp().then(
    () => undefined,
    ({ code, message }: NodeJS.ErrnoException) => code ?? message,
  )
  return Promise.race([
    failed,
    new Promise<string>((resolve) => setTimeout(resolve, end - performance.now(), 'no answer').unref()),
  ])
}

function list(names: readonly string[]): string {
  const more = names.length - MOST_NAMED
  return names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
