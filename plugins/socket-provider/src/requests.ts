import { type Problem, parseInstant } from '@uptimeserver/core'
import { type Checked, text, validate } from '@uptimeserver/core/kit'
import * as v from 'valibot'

/** Who speaks where nobody says so. */
export const OWNER = 'default'

/** Which services; each part that is given must fit. */
export interface Which {
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly kind?: string | undefined
  readonly category?: string | undefined
}

export type Request =
  | { readonly op: 'ping' }
  | { readonly op: 'put' | 'replace'; readonly owner: string; readonly services: readonly unknown[] }
  | ({ readonly op: 'remove'; readonly owner: string } & Which)
  | ({
      readonly op: 'list'
      readonly owner?: string | undefined
      readonly after?: string | undefined
    } & Which)
  | ReportRequest

export interface ReportRequest extends Which {
  readonly op: 'report'
  readonly status: 'up' | 'down'
  readonly at?: number | undefined
  readonly reason?: string | undefined
}

const owner = text(100)
const which = {
  id: v.optional(text(100)),
  name: v.optional(text(500)),
  kind: v.optional(text(100)),
  category: v.optional(text(200)),
}
const services = v.pipe(
  v.custom<object>(
    (value) => typeof value === 'object' && value !== null,
    "an entry such as { type: 'http', … }, or a list of them",
  ),
  v.transform((value): readonly unknown[] => (Array.isArray(value) ? value : [value])),
)
const OFFSET = /(Z|[+-]\d{2}:?\d{2})$/i
const time = v.pipe(
  v.custom<string | number>(
    (value) => timeOf(value) !== undefined,
    `a time with its zone such as '2026-11-22T08:00:00Z', or ms since the epoch`,
  ),
  v.transform((value) => timeOf(value)!),
)

function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined
  return typeof value === 'string' && OFFSET.test(value) ? parseInstant(value, 'UTC') : undefined
}

const someOf = (schema: v.GenericSchema) =>
  v.pipe(
    schema,
    v.check(
      (value) => Object.keys(which).some((key) => (value as Record<string, unknown>)[key] !== undefined),
      'an id, a name, a kind or a category',
    ),
  )

const SCHEMAS = new Map<unknown, v.GenericSchema>(
  Object.entries({
    ping: v.strictObject({}),
    put: v.strictObject({ owner: v.optional(owner, OWNER), services }),
    replace: v.strictObject({ owner: v.optional(owner, OWNER), services }),
    remove: someOf(v.strictObject({ owner: v.optional(owner, OWNER), ...which })),
    list: v.strictObject({ owner: v.optional(owner), after: v.optional(text(100)), ...which }),
    report: someOf(
      v.strictObject({
        ...which,
        status: v.picklist(['up', 'down'], `'up' or 'down'`),
        at: v.optional(time),
        reason: v.optional(text(1_000)),
      }),
    ),
  }),
)

/** Reads one line, without its end. */
export function readRequest(line: Uint8Array): Checked<Request> {
  const value = parse(line)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return wrong({ path: '', found: 'a line that is none', expected: `a JSON object such as {"op":"ping"}` })
  const { op, ...rest } = value as Record<string, unknown>
  const schema = SCHEMAS.get(op)
  if (!schema)
    return wrong({ path: 'op', found: shown(op), expected: `one of ${[...SCHEMAS.keys()].join(', ')}` })
  const checked = validate(schema, rest)
  return checked.problems ? checked : { value: { op, ...(checked.value as object) } as Request }
}

export const wrong = (...problems: readonly Problem[]) => ({ problems })

const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60))

function parse(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    return undefined
  }
}
