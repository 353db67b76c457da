import { resolve } from 'node:path'
import { checkAll, type ResolvedConfig, type Skipped } from '@uptimeserver/core'
import { isAmiss, named } from '../skipped.js'
import { plural } from '../ui/format.js'
import { DEADLINE, type Finding, ok, problem, warning } from './finding.js'
import { judgeSocket, socketOf } from './sockets.js'

/** What is left to say so, in ms. */
const MARGIN = 500

/** Whether each provider gives its first set in time, or is listened for. None of what they find is checked. */
export async function judgeProviders(
  config: ResolvedConfig,
  folder: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const counts = new Map<string, number>()
  const filter = ({ sources }: { readonly sources: readonly string[] }) => {
    for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1)
    return false
  }
  const looking = config.providers.filter((provider) => socketOf(provider) === undefined)
  const alone = { ...config, services: [], reference: [], providers: looking }
  const { failed, skipped } = await checkAll(alone, {
    ...{ filter, folder, signal, discovery: DEADLINE - MARGIN },
  })
  const reasons = new Map(failed.map(({ provider, reason }) => [provider, reason]))
  const findings = config.providers.map(async (provider) => {
    const { name } = provider
    const socket = socketOf(provider)
    if (socket !== undefined) return judgeSocket(name, resolve(folder, socket))
    const reason = reasons.get(name)
    if (reason !== undefined) return problem('provider', `${name} gave no set: ${reason}`, UNREACHED)
    const omitted = skipped.filter((each) => each.provider === name && isAmiss(each))
    return judgeSet(name, counts.get(name) ?? 0, omitted)
  })
  return Promise.all(findings)
}

/** One that found things and could use none of them watches nothing. */
function judgeSet(name: string, services: number, [first, ...others]: readonly Skipped[]): Finding {
  const found = `${name}: ${plural(services, 'service')}`
  if (!first) return ok('provider', `${found}, 0 skipped`)
  const more = others.length ? `, and ${others.length} more` : ''
  const told = `${found}, ${others.length + 1} skipped: ${named(first)}${more}`
  return services ? warning('provider', told, OMITTED) : problem('provider', told, OMITTED)
}

const OMITTED =
  'mend what the reason says, or leave it if it is meant; `uptime check` tells more, and `uptime status --discovery` what a monitor skips'

const UNREACHED = 'see whether what it asks can be reached from here, and with these rights'

/** Whether what tells the monitor's own network from others' can be reached. */
export async function judgeReferences(
  config: ResolvedConfig,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { reference } = config
  if (!reference.length) return [ok('reference', NONE)]
  const { results } = await checkAll({ ...config, services: reference, providers: [] }, { signal })
  return results.map(({ name, status, message, latencyMs }) =>
    status === 'up'
      ? ok('reference', `${name} answers in ${Math.round(latencyMs)} ms`)
      : problem('reference', `${name}: ${message}`, UNREFERRED),
  )
}

const NONE =
  "none in the config; with one, such as `reference: http('https://example.com')`, an outage of this machine's own network counts against no service"
const UNREFERRED = 'name references that answer from here: when all of them fail, nothing counts as down'
