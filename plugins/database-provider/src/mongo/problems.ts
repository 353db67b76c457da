import { messageOf, type Secret, withoutUserinfo } from '@uptimeserver/core'
import { tlsProblem } from '@uptimeserver/core/kit'
import { hostOf } from '../uri.js'

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const WORDS: Readonly<Record<number, (message: string) => string>> = {
  13: (message) => `the user may not read: ${message}; grant the role \`read\` on the database`,
  18: () => 'authentication failed: wrong user, password or authSource',
  50: () => 'the query takes too long; give it an index, or raise `timeout`',
}

type Linked = Error & { code?: unknown; reason?: { servers?: ReadonlyMap<string, { error?: unknown }> } }

/** An error of the driver or of the server in words, never with a credential. */
export function problemOf(error: unknown, uri: string | Secret): string {
  const [first] = chain(error)
  const servers = [...(first?.reason?.servers?.values() ?? [])].flatMap((each) => each.error ?? [])
  for (const each of [...chain(error), ...servers.flatMap(chain)]) {
    const words = typeof each.code === 'number' ? WORDS[each.code]?.(messageOf(each)) : undefined
    const known = words ?? tlsProblem(each, hostOf(uri))
    if (known) return withoutUserinfo(known)
  }
  return withoutUserinfo(messageOf(error))
}

/** An error and its causes, outermost first. */
function chain(error: unknown): Linked[] {
  const found: Linked[] = []
  for (
    let each = error as Linked | undefined;
    each && found.length < 8;
    each = each.cause as Linked | undefined
  )
    found.push(each)
  return found
}
