import type {
  Cursor,
  Downtime,
  Entry,
  Gap,
  Maintenance,
  Query,
  Run,
  Summary,
  SummaryQuery,
} from '@uptimeserver/core'
import type { Value } from './driver.js'
import type { Statements } from './statements.js'

/** How many rows are read at a time. */
export const PAGE = 1_000

/** Where the last page ended: the values that it was ordered by. */
export type After = readonly [number | string, number | string]

interface Pages {
  downtimes: { query: Query; items: Downtime[] }
  runs: { query: Query; items: Run[] }
  gaps: { query: Query; items: Gap[] }
  maintenance: { query: Query; items: Maintenance[] }
  summaries: { query: SummaryQuery; items: Summary[] }
  changes: { query: Cursor; items: Entry[] }
}
export type PageName = keyof Pages
export type Page<Name extends PageName> = Pages[Name]

/**
 * Reads the rows of a view that come after `after`, at most {@link PAGE}, as JSON: SQLite writes it faster than a driver
 * makes objects of columns, and it crosses threads as it is.
 */
export function readPage<Name extends PageName>(
  statements: Statements,
  monitor: string,
  name: Name,
  query: Page<Name>['query'],
  after: After | undefined,
): string {
  const { table, item, where, order } = VIEWS[name] as View<Page<Name>['query']>
  const filter = where(query)
  const next = after ? [`(${order}) > (?, ?)`] : []
  const conditions = ['monitor = ?1', ...filter.map(([sql]) => sql), ...next].join(' AND ')
  const values = [monitor, ...filter.flatMap(([, ...bound]) => bound), ...(after ?? [])]
  const rows = `SELECT * FROM ${table} AS t WHERE ${conditions} ORDER BY ${order} LIMIT ${PAGE}`
  return String(statements.get(`SELECT json_group_array(${item}) AS items FROM (${rows})`, ...values)?.items)
}

/** Where the next page begins, or `undefined` when this was the last one. */
export function afterPage<Name extends PageName>(name: Name, items: Page<Name>['items']): After | undefined {
  if (items.length < PAGE) return undefined
  return (VIEWS[name] as unknown as { position: (item: unknown) => After }).position(items.at(-1))
}

type Condition = readonly [sql: string, ...values: Value[]]

interface View<Q> {
  readonly table: string
  /** An expression over a row's columns that gives the item as JSON. `?1` is the monitor. */
  readonly item: string
  readonly where: (query: Q) => readonly Condition[]
  /** Two columns that order the rows and tell them apart. */
  readonly order: string
  readonly position: (item: never) => After
}

const byStart = ({ start, id }: { start: number; id: string }): After => [start, id]
const INTERVAL = { id: 'id', start: 'start', end: '"end"' }

/** Corrections are rare: most rows need not look for theirs. */
const CORRECTIONS = `CASE WHEN id IN (SELECT downtime FROM correction WHERE monitor = ?1)
  THEN (SELECT json_group_array(json(event) ORDER BY number) FROM correction WHERE monitor = ?1 AND downtime = id)
  ELSE json('[]') END`

const VIEWS: { readonly [Name in PageName]: View<Page<Name>['query']> } = {
  downtimes: {
    table: 'downtime',
    item: object(
      { ...INTERVAL, service: 'service', reason: 'reason', corrections: CORRECTIONS },
      { detail: ['detail', 'json(detail)'] },
    ),
    where: (query) => [...touching(query), ...ofServices(query)],
    order: 'start, id',
    position: byStart,
  },
  runs: {
    table: 'run',
    item: object(INTERVAL),
    where: touching,
    order: 'start, id',
    position: byStart,
  },
  gaps: {
    table: 'gap',
    item: object({ ...INTERVAL, service: 'service', reason: 'reason' }),
    where: (query) => [...touching(query), ...ofServices(query)],
    order: 'start, id',
    position: byStart,
  },
  maintenance: {
    table: 'maintenance',
    item: object(
      { window: 'id', start: 'start', end: '"end"', reason: 'reason' },
      { services: ['services', 'json(services)'], author: ['author', 'author'] },
    ),
    where: (query) => [...touching(query), ...forServices(query)],
    order: 'start, id',
    position: ({ start, window }: Maintenance): After => [start, window],
  },
  summaries: {
    table: 'summary',
    item: object({ key: 'key', version: 'version', asOf: 'as_of', at: 'at', body: 'json(body)' }),
    where: ({ prefix = '', versions = false }) => [
      ...beginningWith(prefix),
      ...(versions ? [] : ([[LATEST]] as const)),
    ],
    order: 'key, version',
    position: ({ key, version }: Summary): After => [key, version],
  },
  changes: {
    table: 'log',
    item: object({ seq: 'seq', term: 'term', events: 'json(events)' }),
    where: (since) => [['seq > ?', since]],
    order: 'seq, term',
    position: ({ seq, term }: Entry): After => [seq, term],
  },
}

type Optional = Readonly<Record<string, readonly [column: string, expression: string]>>

/** An expression that gives an object. What is optional is left out where its column is null. */
function object(members: Readonly<Record<string, string>>, optional: Optional = {}): string {
  const [first, ...others] = Object.entries(optional)
  if (!first) {
    return `json_object(${Object.entries(members).flatMap(([key, value]) => [`'${key}'`, value])})`
  }
  const [key, [column, expression]] = first
  const rest = Object.fromEntries(others)
  const full = object({ ...members, [key]: expression }, rest)
  return `CASE WHEN ${column} IS NULL THEN ${object(members, rest)} ELSE ${full} END`
}

const LATEST = `version = (SELECT max(version) FROM summary AS o WHERE o.monitor = t.monitor AND o.key = t.key)`

/** Keys are ordered by their code points, so those with one beginning lie side by side. */
function beginningWith(prefix: string): Condition[] {
  if (!prefix) return []
  const end = afterAll(prefix)
  return [['key >= ?', prefix], ...(end === undefined ? [] : ([['key < ?', end]] as const))]
}

/** The first text that comes after all that begin with a prefix. */
function afterAll(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  // Half a character of two (a surrogate) is none.
  return last === undefined ? undefined : String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

/** Those of these ids that touch [from, to): an interval without length counts where it lies. */
function touching({ ids, from, to, open }: Query): Condition[] {
  const after = `("end" IS NULL OR "end" > ? OR ("end" = start AND start >= ?))`
  return [
    ...(ids ? ([['id IN (SELECT value FROM json_each(?))', JSON.stringify(ids)]] as const) : []),
    ...(to === undefined ? [] : ([['start < ?', to]] as const)),
    ...(from === undefined ? [] : ([[after, from, from]] as const)),
    ...(open === undefined ? [] : ([[open ? '"end" IS NULL' : '"end" IS NOT NULL']] as const)),
  ]
}

function ofServices({ services }: Query): Condition[] {
  return services ? [['service IN (SELECT value FROM json_each(?))', JSON.stringify(services)]] : []
}

function forServices({ services }: Query): Condition[] {
  if (!services) return []
  const shared = 'SELECT 1 FROM json_each(services) AS a JOIN json_each(?) AS b ON a.value = b.value'
  return [[`(services IS NULL OR EXISTS (${shared}))`, JSON.stringify(services)]]
}
