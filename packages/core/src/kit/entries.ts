import * as v from 'valibot'
import type { Problem, Service, ServiceType, ServiceTypes } from '../contracts.js'
import { describe } from '../describe.js'
import { joinPath, misspelt } from '../problems.js'
import { isSecret, type Secret, secret } from '../secret.js'

/** What the config lends to entries that come from elsewhere: they can name nothing that is not here. */
export interface EntryOptions {
  readonly types: ServiceTypes
  /** An entry has `{ secret: 'name' }` where one of these is to stand. */
  readonly secrets?: Readonly<Record<string, Secret>> | undefined
}

/** The schema of {@link EntryOptions}, to be spread into a provider's own. */
export const entryOptions = {
  types: v.pipe(
    v.record(
      v.string(),
      v.custom<ServiceType>(isServiceType, 'a factory that makes services, such as http from uptimeserver'),
    ),
    v.check((types) => Object.keys(types).length > 0, 'at least one factory, such as { http }'),
  ),
  secrets: v.optional(
    v.record(v.string(), v.custom<Secret>(isSecret, "secret.env('NAME') or secret.file('path')")),
  ),
}

function isServiceType(value: unknown): boolean {
  const { spec, from } = (value ?? {}) as Partial<ServiceType>
  return typeof from === 'function' && typeof spec?.kind === 'string'
}

/** What became of one entry. */
export type ReadEntry =
  | { readonly service: Service; readonly problems?: undefined }
  | { readonly service?: undefined; readonly problems: readonly Problem[] }

/**
 * Makes services of entries `{ type: 'http', …options }`. An entry that has not changed keeps its service object, and
 * what that holds: connections, contexts.
 *
 * @example
 * const reader = new EntryReader({ types: { http } })
 * reader.read([{ type: 'http', url: 'https://example.com', name: 'shop' }]) // [{ service }]
 */
export class EntryReader {
  readonly #options: EntryOptions
  #known = new Map<string, ReadEntry>()

  constructor(options: EntryOptions) {
    this.#options = options
  }

  /** Reads a whole set; what is not in it any more is forgotten. In the order of the entries. */
  read(entries: readonly unknown[]): ReadEntry[] {
    const before = this.#known
    this.#known = new Map()
    return entries.map((entry) => {
      const key = JSON.stringify(entry)
      const read = this.#known.get(key) ?? before.get(key) ?? readEntry(entry, this.#options)
      this.#known.set(key, read)
      return read
    })
  }
}

/** Makes a service of one entry, or says everything that is wrong with it. Never throws. */
export function readEntry(entry: unknown, { types, secrets = {} }: EntryOptions): ReadEntry {
  if (!isRecord(entry))
    return wrong({ path: '', found: describe(entry), expected: "an object such as { type: 'http', … }" })
  const { type, ...options } = entry
  const known = Object.keys(types)
  if (typeof type !== 'string') return wrong({ path: 'type', found: describe(type), expected: oneOf(known) })
  if (!Object.hasOwn(types, type))
    return wrong({ ...misspelt(type, 'type', known), found: JSON.stringify(type), expected: oneOf(known) })
  const missing: Problem[] = []
  const service = types[type]!.from(withSecrets(options, secrets, missing, []))
  const problems = [...missing, ...(service.problems ?? [])]
  return problems.length ? { problems } : { service }
}

const wrong = (problem: Problem): ReadEntry => ({ problems: [problem] })
const oneOf = (names: readonly string[]) => `one of ${names.join(', ')}`
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Puts the config's secrets where the entry names them. */
function withSecrets(
  value: unknown,
  secrets: Readonly<Record<string, Secret>>,
  missing: Problem[],
  keys: readonly string[],
): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => withSecrets(item, secrets, missing, [...keys, `${index}`]))
  if (!isRecord(value)) return value
  const names = Object.keys(value)
  if (names.length !== 1 || typeof value.secret !== 'string')
    return Object.fromEntries(
      names.map((key) => [key, withSecrets(value[key], secrets, missing, [...keys, key])]),
    )
  if (Object.hasOwn(secrets, value.secret)) return secrets[value.secret]
  const expected = Object.keys(secrets).length
    ? oneOf(Object.keys(secrets))
    : 'no secret: the config lends none'
  missing.push({ path: joinPath(keys), found: `the secret ${JSON.stringify(value.secret)}`, expected })
  // Stands in, so that nothing but its absence is told.
  return secret('missing')
}
