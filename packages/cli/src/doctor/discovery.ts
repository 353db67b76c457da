import { checkAll, type ResolvedConfig } from '@uptimeserver/core'
import { plural } from '../ui/format.js'
import { DEADLINE, type Finding, ok, problem } from './finding.js'
import { judgeSocket, socketOf } from './sockets.js'

/** What is left to say so, in ms. */
const MARGIN = 500

/** Whether each provider gives its first set in time, or is listened for. None of what they find is checked. */
export async function judgeProviders(
  config: ResolvedConfig,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const counts = new Map<string, number>()
  const filter = ({ sources }: { readonly sources: readonly string[] }) => {
    for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1)
    return false
  }
  const looking = config.providers.filter((provider) => socketOf(provider) === undefined)
  const alone = { ...config, services: [], reference: [], providers: looking }
  const { failed, skipped } = await checkAll(alone, { filter, signal, discovery: DEADLINE - MARGIN })
  const reasons = new Map(failed.map(({ provider, reason }) => [provider, reason]))
  const findings = config.providers.map(async (provider) => {
    const { name } = provider
    const socket = socketOf(provider)
    if (socket !== undefined) return judgeSocket(name, socket)
    const reason = reasons.get(name)
    if (reason !== undefined) return problem('provider', `${name} gave no set: ${reason}`, UNREACHED)
    const omitted = skipped.filter(({ provider }) => provider === name).length
    return ok('provider', `${name}: ${plural(counts.get(name) ?? 0, 'service')}, ${omitted} skipped`)
  })
  return Promise.all(findings)
}

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

const NONE = "none in the config: when this machine's own network is gone, every service counts as down"
const UNREFERRED = 'name references that answer from here: when all of them fail, nothing counts as down'
