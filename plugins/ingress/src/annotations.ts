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

type Reader = (text: string) => Omit<Said, 'faults'> | undefined

/** Each gives what was said, or nothing where it makes no sense: never a half of it. */
const READERS: Readonly<Record<string, readonly [read: Reader, expected: string]>> = {
  skip: [
    (text) => (text === 'true' || text === 'false' ? { skip: text === 'true' } : undefined),
    `'true' or 'false'`,
  ],
  path: [
    (text) => (/^\/(?![/\\])[^\s#\\]{0,1000}$/.test(text) ? { path: text } : undefined),
    `a path such as '/healthz'`,
  ],
  'expect-status': [readStatus, `status codes such as '200', '2xx' or '200,204'`],
  every: [readEvery, `a duration such as '30s', from 5s to 1d`],
  category: [
    (text) => (/^[^|]{1,200}$/.test(text.trim()) ? { category: text.trim() } : undefined),
    'a text of up to 200 characters, without |',
  ],
}

export function readAnnotations({ metadata }: KubernetesObject): Said {
  const faults: string[] = []
  const said = Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, text]) => {
      const [read, expected] = READERS[key.slice(PREFIX.length)] ?? []
      const found = read?.(text)
      if (!read) faults.push(`${key} is none of ${Object.keys(READERS).join(', ')}`)
      else if (!found)
        faults.push(`${key}: found '${text.slice(0, 80)}', expected ${expected}; it is not obeyed`)
      return found
    })
  return Object.assign({ faults }, ...said)
}

function readStatus(text: string): Omit<Said, 'faults'> | undefined {
  const patterns = text.split(',').map((each) => each.trim())
  if (!patterns.every((each) => /^([1-5]\d\d|[1-5]xx|[1-5]\d\d-[1-5]\d\d)$/.test(each))) return undefined
  return { status: patterns.map((each) => (/^\d+$/.test(each) ? Number(each) : each)) }
}

function readEvery(text: string): Omit<Said, 'faults'> | undefined {
  // A bare number would be milliseconds, which nobody means here.
  const ms = /^\d+$/.test(text.trim()) ? undefined : parseDuration(text)
  return ms !== undefined && ms >= SHORTEST && ms <= LONGEST ? { every: text } : undefined
}
