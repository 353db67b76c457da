import { messageOf, type Provider } from '@uptimeserver/core'
import { ask } from '../socket/client.js'
import { plural } from '../ui/format.js'
import { type Finding, ok, problem } from './finding.js'

/** Where a provider waits for others to speak to it; `undefined` where it goes and looks itself. */
export function socketOf(provider: Provider & { readonly socket?: unknown }): string | undefined {
  return typeof provider.socket === 'string' ? provider.socket : undefined
}

/** Asks who listens. To listen oneself, as for a set, would make a socket, or meet the monitor that has it. */
export async function judgeSocket(name: string, path: string): Promise<Finding> {
  try {
    const { pid, services } = (await ask(path, { op: 'ping' })) as { pid?: unknown; services?: unknown }
    return ok(
      'provider',
      `${name}: process ${pid} listens at ${path}, with ${plural(Number(services), 'service')}`,
    )
  } catch (error) {
    if (isNobody(error))
      return ok('provider', `${name}: nobody listens at ${path}; a monitor does while it runs`)
    return problem(
      'provider',
      `${name}: ${messageOf(error)}`,
      'run this as the user of the monitor, or name another path',
    )
  }
}

function isNobody(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ECONNREFUSED'
}
