import type { ServerDescription } from 'mongodb'
import { surveyMembers } from './all-members.js'
import type { Deployment } from './deployment.js'
import type { Hello, Member } from './member.js'
import type { CheckOptions } from './options.js'

/** How long one member may take before the others are asked, where there are others, in ms. */
const PATIENCE = 2_000

/** Asks whoever the driver chooses; where that one does not answer and any will do, the others, too. */
export async function askAny(
  deployment: Deployment,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<Member[]> {
  const isAlone = deployment.servers().length < 2
  const patience = isAlone ? signal : AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
  try {
    await deployment.command({ ping: 1 }, options.readPreference ?? 'nearest', patience)
    return await known(deployment, signal)
  } catch (error) {
    if (isAlone || signal.aborted) throw error
    return surveyMembers(deployment, options, signal)
  }
}

/** Asks the member that takes writes whether it still does. */
export async function askPrimary(
  deployment: Deployment,
  _options: CheckOptions,
  signal: AbortSignal,
): Promise<Member[]> {
  const hello: Hello = await deployment.command({ hello: 1 }, 'primary', signal)
  const members = await known(deployment, signal)
  if (hello.isWritablePrimary) return members
  // The driver has not noticed yet.
  return members.map((member) => (member.state === 'primary' ? { ...member, state: 'secondary' } : member))
}

/** The others as the driver knows them, which watches them all. */
async function known(deployment: Deployment, signal: AbortSignal): Promise<Member[]> {
  const version = await deployment.version(signal)
  return deployment
    .servers()
    .map((server, index) => ({ ...memberOf(server), ...(index === 0 && { version }) }))
}

function memberOf({ address, type, error, lastWriteDate }: ServerDescription): Member {
  const state = STATES[type] ?? 'other'
  return {
    ...{ host: address, state, isUp: state !== 'unknown' && state !== 'other' },
    ...(error && { problem: error.message }),
    ...(lastWriteDate && { lastWrite: lastWriteDate }),
  }
}

const STATES: Readonly<Record<string, string>> = {
  Standalone: 'standalone',
  Mongos: 'mongos',
  LoadBalancer: 'mongos',
  RSPrimary: 'primary',
  RSSecondary: 'secondary',
  Unknown: 'unknown',
}
