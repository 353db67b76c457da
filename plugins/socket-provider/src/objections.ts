// Why a request is refused, in words.
import type { Problem } from '@uptimeserver/core'
import { closest } from '@uptimeserver/core/kit'
import type { Book, Item } from './book.js'
import { KIND } from './heartbeat.js'
import type { Which } from './requests.js'

/** Names that a slip is looked for among: others wait meanwhile. */
const MOST_NAMES = 1_000

export function placed(problem: Problem, index: number): Problem {
  return { ...problem, path: [`services[${index}]`, problem.path].filter(Boolean).join('.') }
}

/** The same service twice in one request, or one that another program has. */
export function clashes(items: readonly Item[], book: Book): Problem[] {
  const seen = new Map<string, number>()
  return items.flatMap((item, index) => {
    const [twin, owner] = [seen.get(item.id), book.get(item.id)?.owner]
    seen.set(item.id, index)
    const path = `services[${index}]`
    const named = `${item.kind} "${item.name}"`
    if (twin !== undefined)
      return [{ path, found: `${named} again, as services[${twin}]`, expected: 'each service once' }]
    if (owner === undefined || owner === item.owner) return []
    const hint = 'give it another name or category, or speak as that owner'
    return [{ path, found: `${named}, which the owner "${owner}" has`, expected: 'one of your own', hint }]
  })
}

export function nobody(which: Which, expected: string, hint?: string): Problem {
  return { path: '', found: `no service with ${described(which)}`, expected, ...(hint && { hint }) }
}

/** Whoever speaks as another owner is told; and whoever slips in a name. */
export function notOwn(which: Which, owner: string, book: Book): Problem {
  const owners = [...new Set(book.find(which).map((item) => item.owner))]
  const others =
    owners.length && `${owners.map((name) => `"${name}"`).join(', ')} has it: speak as that owner`
  return nobody(which, `one of the owner "${owner}"`, others || meant(which, book.find({}, owner)))
}

function meant({ name }: Which, items: readonly Item[]): string | undefined {
  const known = items.slice(0, MOST_NAMES).map((item) => item.name)
  const near = name === undefined ? undefined : closest(name, known)
  return near === undefined || near === name ? undefined : `did you mean "${near}"?`
}

export function notOne(found: readonly Item[], which: Which, book: Book): Problem {
  const put = `one of the type ${KIND}: only these are reported; put it first`
  if (!found.length) return nobody(which, put, meant(which, book.find({ kind: KIND })))
  const ids = found.slice(0, 5).map(({ id, category }) => `${id} (${category ?? 'no category'})`)
  const expected = 'one of them: say its id, or its category'
  return { path: '', found: `${found.length} services with ${described(which)}: ${ids.join(', ')}`, expected }
}

const described = (which: Which) =>
  Object.entries(which)
    .map(([key, value]) => `the ${key} ${JSON.stringify(value)}`)
    .join(' and ')

export function tooEarly(at: number, now: number): Problem {
  const [found, expected] = [at, now].map((time) => new Date(time).toISOString())
  return { path: 'at', found: found!, expected: `no time to come; here it is ${expected}` }
}
