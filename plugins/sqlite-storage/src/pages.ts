import type {
  Cursor,
  Downtime,
  Entry,
  Gap,
  Maintenance,
  Query,
  Run,
  ServiceFilter,
  ServiceRecord,
  Summary,
  SummaryQuery,
} from '@uptimeserver/core'
import { afterPrefix } from '@uptimeserver/core/kit'
import type { Value } from './driver.js'
import type { Statements } from './statements.js'

/** How many rows are read at a time: so many as are taken apart in a millisecond or two. */
const PAGE = 1_000
const PAGE_OF_SUMMARIES = 200
/** Every page of these groups all of them. */
const PAGE_OF_SERVICES = 2_500
/** An entry may hold thousands of facts. */
const PAGE_OF_ENTRIES = 50

/** Where the last page ended: the values that it was ordered by. */
export type After = readonly [number | string, number | string]

interface Pages {
  services: { query: ServiceFilter; item: ServiceRecord }
  downtimes: { query: Query; item: Downtime }
  runs: { query: Query; item: Run }
  gaps: { query: Query; item: Gap }
  maintenance: { query: Query; item: Maintenance }
  summaries: { query: SummaryQuery; item: Summary }
  changes: { query: Cursor; item: Entry }
}
export type PageName = keyof Pages
export type PageOf<Name extends PageName> = Pages[Name]

/**
 * Reads the rows of a view that come after `after`, a page at most, as JSON: SQLite writes it faster than a driver
 * makes objects of columns, and it crosses threads as it is.
 */
export function readPage<Name extends PageName>(
  statements: Statements,
  monitor: string,
  name: Name,
  query: PageOf<Name>['query'],
  after: After | undefined,
): string {
  const { table, item, where, order, page = PAGE } = VIEWS[name] as View<PageOf<Name>['query']>
  const filter = where(query)
  const next = after ? [`(${order}) > (?, ?)`] : []
  const conditions = ['monitor = ?1', ...filter.map(([sql]) => sql), ...next].join(' AND ')
  const values = [monitor, ...filter.flatMap(([, ...bound]) => bound), ...(after ?? [])]
  const rows = `SELECT * FROM ${table} AS t WHERE ${conditions} ORDER BY ${order} LIMIT ${page}`
  return String(statements.get(`SELECT json_group_array(${item}) AS items FROM (${rows})`, ...values)?.items)
}

/** Where the next page begins, or `undefined` when this was the last one. */
export function afterPage<Name extends PageName>(
  name: Name,
  items: readonly PageOf<Name>['item'][],
): After | undefined {
  const { page = PAGE, position } = VIEWS[name]
  if (items.length < page) return undefined
  return (position as (item: unknown) => After)(items.at(-1))
}

type Condition = readonly [sql: string, ...values: Value[]]

interface View<Q> {
  readonly table: string
  /** An expression over a row's columns that gives the item as JSON. `?1` is the monitor. */
  readonly item: string
  readonly where: (query: Q) => readonly Condition[]
  /** Two columns that order the rows and tell them apart. */
  readonly order: string
  readonly page?: number
  readonly position: (item: never) => After
}

const byStart = ({ start, id }: { start: number; id: string }): After => [start, id]
const INTERVAL = { id: 'id', start: 'start', end: '"end"' }

/** Corrections are rare: most rows need not look for theirs. */
const CORRECTIONS = `CASE WHEN id IN (SELECT downtime FROM correction WHERE monitor = ?1)
  THEN (SELECT json_group_array(json(event) ORDER BY number) FROM correction WHERE monitor = ?1 AND downtime = id)
  ELSE json('[]') END`

const SERVICES = `(SELECT s.monitor, s.id, s.facts, min(m.start) AS start, sum(m."end" IS NULL) AS is_open,
    json_group_array(json_object('start', m.start, 'end', m."end") ORDER BY m.start) AS monitored
  FROM service AS s JOIN monitored AS m ON m.monitor = s.monitor AND m.service = s.id
  WHERE s.monitor = ?1 GROUP BY s.id)`

const VIEWS: { readonly [Name in PageName]: View<PageOf<Name>['query']> } = {
  services: {
    table: SERVICES,
    item: `json_insert(facts, '$.monitored', json(monitored))`,
    where: ({ ids, removed = false }) => [
      ...(ids ? ([['id IN (SELECT value FROM json_each(?))', JSON.stringify(ids)]] as const) : []),
      ...(removed ? [] : ([['is_open']] as const)),
    ],
    order: 'start, id',
    page: PAGE_OF_SERVICES,
    position: ({ monitored, id }: ServiceRecord): After => [monitored[0]!.start, id],
  },
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
    page: PAGE_OF_SUMMARIES,
    position: ({ key, version }: Summary): After => [key, version],
  },
  changes: {
    table: 'log',
    item: object({ seq: 'seq', term: 'term', events: 'json(events)' }),
    where: (since) => [['seq > ?', since]],
    order: 'seq, term',
    page: PAGE_OF_ENTRIES,
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
  const end = afterPrefix(prefix)
  return [['key >= ?', prefix], ...(end === undefined ? [] : ([['key < ?', end]] as const))]
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
