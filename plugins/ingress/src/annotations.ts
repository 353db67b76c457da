import { parseDuration } from '@uptimeserver/core'
import type { KubernetesObject } from '@uptimeserver/kubernetes/client'

/** What the owner of an object says in annotations, for whom the config is out of reach. */
export interface Said {
  readonly skip?: boolean
  /** With a slash at its beginning; a query may follow. */
  readonly path?: string
  readonly status?: readonly (number | string)[]
  readonly every?: string
  readonly category?: string
  /** What was said and is not obeyed. */
  readonly faults: readonly string[]
}

const PREFIX = 'uptime.dev/'
/** Whoever owns an object must not make the monitor a flood. */
const SHORTEST = 5_000
const LONGEST = 86_400_000

type Part = Omit<Said, 'faults'>
type Reader = (text: string) => Part | undefined

/** Each gives what was said, or nothing where it makes no sense: never a half of it. A map, because an owner may say `constructor`. */
const READERS = new Map<string, readonly [read: Reader, expected: string]>([
  ['skip', [readSkip, `'true' or 'false'`]],
  ['path', [readPath, `a path such as '/healthz'`]],
  ['expect-status', [readStatus, `status codes such as '200', '2xx' or '200,204'`]],
  ['every', [readEvery, `a duration such as '30s', from 5s to 1d`]],
  ['category', [readCategory, 'a text of up to 200 characters, without | and control characters']],
])

export function readAnnotations({ metadata }: KubernetesObject): Said {
  const faults: string[] = []
  const said = Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, text]) => {
      const [read, expected] = READERS.get(key.slice(PREFIX.length)) ?? []
      const found = read?.(text)
      if (!read) faults.push(`${key} is none of ${[...READERS.keys()].join(', ')}`)
      else if (!found)
        faults.push(`${key}: found '${text.slice(0, 80)}', expected ${expected}; it is not obeyed`)
      return found
    })
  return Object.assign({ faults }, ...said)
}

function readSkip(text: string): Part | undefined {
  return text === 'true' || text === 'false' ? { skip: text === 'true' } : undefined
}

/** Two slashes, or one and a backslash, would begin another host. */
function readPath(text: string): Part | undefined {
  return /^\/(?![/\\])[^\s#\\]{0,1000}$/.test(text) ? { path: text } : undefined
}

function readStatus(text: string): Part | undefined {
  const patterns = text.split(',').map((each) => each.trim())
  if (!patterns.every(isStatus)) return undefined
  return { status: patterns.map((each) => (/^\d+$/.test(each) ? Number(each) : each)) }
}

function isStatus(text: string): boolean {
  if (/^[1-5]xx$/.test(text)) return true
  const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? []
  return from !== undefined && Number(from) <= Number(to)
}

function readEvery(text: string): Part | undefined {
  const ms = parseDuration(text)
  return ms !== undefined && ms >= SHORTEST && ms <= LONGEST ? { every: text } : undefined
}

/** It is printed, and a part of keys, which are joined by bars. */
function readCategory(text: string): Part | undefined {
  const category = text.trim()
  const isPlain = /^[^|\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+$/u.test(category)
  return isPlain && category.length <= 200 ? { category } : undefined
}
