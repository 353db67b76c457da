import type { StandardSchemaV1 } from '@standard-schema/spec'
import { closest } from './closest.js'
import type { Problem } from './contracts.js'
import { describe } from './describe.js'
import { messageOf } from './errors.js'

export type Checked<T> =
  | { readonly value: T; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] }

/** What valibot adds to an issue of the Standard Schema; others only have a message and a path. */
interface Issue extends StandardSchemaV1.Issue {
  readonly expected?: string | null
  readonly type?: string
}

/**
 * Holds a value against a schema: its final shape, or everything that is wrong with it. Never throws.
 *
 * @param others keys that are known beside those of the schema
 */
export function validate<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  others: readonly string[] = [],
): Checked<T> {
  try {
    const result = schema['~standard'].validate(value)
    if (result instanceof Promise) return { problems: [asynchronous()] }
    if (!result.issues) return { value: result.value }
    return { problems: result.issues.map((issue) => problemOf(issue, value, schema, others)) }
  } catch (error) {
    return {
      problems: [
        { path: '', found: describe(value), expected: `options that can be read (${messageOf(error)})` },
      ],
    }
  }
}

function asynchronous(): Problem {
  return { path: '', found: 'a schema that answers later', expected: 'a synchronous schema' }
}

function problemOf(issue: Issue, value: unknown, schema: unknown, others: readonly string[]): Problem {
  const keys = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part))
  const path = joinPath(keys)
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return unknownKey(keys, path, Object.keys(entriesAt(schema, keys.slice(0, -1), value)), others)
  return { path, found: describe(valueAt(value, keys), path), expected: expectedBy(issue) }
}

/** A message of one's own says what is expected; valibot's default one is cut down to that. */
function expectedBy(issue: Issue): string {
  if (!issue.expected || !issue.message.startsWith('Invalid ')) return issue.message
  if (issue.type === 'strict_object' || issue.type === 'object')
    return issue.expected === 'Object' ? 'an options object' : 'a value (it must be given)'
  return issue.expected
}

function unknownKey(
  keys: readonly PropertyKey[],
  path: string,
  known: readonly string[],
  others: readonly string[],
): Problem {
  return misspelt(String(keys.at(-1)), path, keys.length === 1 ? [...known, ...others] : known)
}

/** The problem of a key that nobody knows, with the one that was probably meant. */
export function misspelt(key: string, path: string, known: readonly string[]): Problem {
  const meant = closest(key, known)
  const problem = {
    path,
    found: 'an unknown option',
    expected: known.length ? `one of ${known.join(', ')}` : 'no such option',
  }
  return meant ? { ...problem, hint: `did you mean ${meant}?` } : problem
}

interface Node {
  readonly entries?: Readonly<Record<PropertyKey, Node>>
  readonly wrapped?: Node
  readonly getter?: (value: unknown) => Node
}

/** The keys that a valibot schema knows at a path, looking through optional(), lazy() and pipe(). */
function entriesAt(schema: unknown, keys: readonly PropertyKey[], value: unknown): object {
  let node = opened(schema as Node, value)
  keys.forEach((key, depth) => {
    node = opened(node?.entries?.[key], valueAt(value, keys.slice(0, depth + 1)))
  })
  return node?.entries ?? {}
}

function opened(node: Node | undefined, value: unknown): Node | undefined {
  const inner = node?.wrapped ?? node?.getter?.(value)
  return inner ? opened(inner, value) : node
}

export function joinPath(keys: readonly PropertyKey[]): string {
  return keys
    .map(String)
    .map((key, index) => (/^\d+$/.test(key) ? `[${key}]` : `${index ? '.' : ''}${key}`))
    .join('')
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce((node, key) => (node as Record<PropertyKey, unknown> | null | undefined)?.[key], value)
}

/** One problem as a person reads it. */
export function formatProblem({ path, found, expected, hint }: Problem, where = ''): string {
  const place = [where, path].filter(Boolean).join(' · ')
  return `${place ? `${place}: ` : ''}found ${found}, expected ${expected}${hint ? `; ${hint}` : ''}`
}
