import type { Problem } from '@uptimeserver/core'
import { validate } from '@uptimeserver/core/kit'
import * as v from 'valibot'

/** What a file says, before anybody knows whether its entries make sense. */
export interface Sheet {
  readonly includes: readonly { readonly pattern: string; readonly path: string }[]
  readonly defaults: Readonly<Record<string, unknown>>
  readonly entries: readonly unknown[]
  /** Of an entry: `services[2]`. */
  pathOf(index: number): string
}

const pattern = v.pipe(v.string('a path or a glob'), v.minLength(1, 'a path or a glob'))

const schema = v.strictObject({
  $schema: v.optional(v.string("the place of the file's JSON Schema")),
  include: v.optional(v.lazy((value) => (Array.isArray(value) ? v.array(pattern) : pattern))),
  defaults: v.optional(v.custom<Record<string, unknown>>(isRecord, "options such as { every: '30s' }")),
  services: v.optional(v.array(v.unknown(), 'a list of entries')),
})
const EXPECTED = "a list of entries, or an object such as { services: [{ type: 'http', … }] }"

export type ReadSheet =
  | { readonly sheet: Sheet; readonly problems?: undefined }
  | { readonly sheet?: undefined; readonly problems: readonly Problem[] }

/** Reads a file's outermost shape, or says what is wrong with it. */
export function sheetOf(data: unknown): ReadSheet {
  if (Array.isArray(data)) return sheetFrom([], {}, data, '')
  if (!isRecord(data))
    return {
      problems: [{ path: '', found: data === null ? 'nothing' : `a ${typeof data}`, expected: EXPECTED }],
    }
  const checked = validate(schema, data)
  if (checked.problems) return { problems: checked.problems }
  const { include, defaults = {}, services } = checked.value
  if (include || services) return sheetFrom(includesOf(include), defaults, services ?? [], 'services')
  const expected = 'a list of entries (it may be empty: [])'
  return { problems: [{ path: 'services', found: 'nothing', expected }] }
}

function sheetFrom(
  includes: Sheet['includes'],
  defaults: Sheet['defaults'],
  entries: Sheet['entries'],
  list: string,
): ReadSheet {
  return { sheet: { includes, defaults, entries, pathOf: (index) => `${list}[${index}]` } }
}

function includesOf(include: unknown): Sheet['includes'] {
  if (include === undefined) return []
  if (typeof include === 'string') return [{ pattern: include, path: 'include' }]
  return (include as string[]).map((each, index) => ({ pattern: each, path: `include[${index}]` }))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
