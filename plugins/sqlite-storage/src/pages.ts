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
import type { Row, Value } from './driver.js'
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

/** Reads the rows of a view that come after `after`, at most {@link PAGE}. */
export function readPage<Name extends PageName>(
  statements: Statements,
  monitor: string,
  name: Name,
  query: Page<Name>['query'],
  after: After | undefined,
): Page<Name>['items'] {
  const { select, where, order, item } = VIEWS[name] as View<Page<Name>['query']>
  const filter = where(query)
  const next = after ? [`(${order}) > (?, ?)`] : []
  const conditions = ['monitor = ?', ...filter.map(([sql]) => sql), ...next].join(' AND ')
  const values = [monitor, ...filter.flatMap(([, ...bound]) => bound), ...(after ?? [])]
  const rows = statements.all(`${select} WHERE ${conditions} ORDER BY ${order} LIMIT ${PAGE}`, ...values)
  return rows.map(item) as Page<Name>['items']
}

/** Where the next page begins, or `undefined` when this was the last one. */
export function afterPage<Name extends PageName>(name: Name, items: Page<Name>['items']): After | undefined {
  if (items.length < PAGE) return undefined
  return (VIEWS[name] as unknown as { position: (item: unknown) => After }).position(items.at(-1))
}

type Condition = readonly [sql: string, ...values: Value[]]

interface View<Q> {
  readonly select: string
  readonly where: (query: Q) => readonly Condition[]
  /** Two columns that order the rows and tell them apart. */
  readonly order: string
  readonly item: (row: Row) => unknown
  readonly position: (item: never) => After
}

const byStart = ({ start, id }: { start: number; id: string }): After => [start, id]

const VIEWS: { readonly [Name in PageName]: View<Page<Name>['query']> } = {
  downtimes: {
    select: `SELECT id, service, start, "end", reason, detail, (SELECT json_group_array(json(event) ORDER BY number)
      FROM correction AS c WHERE c.monitor = downtime.monitor AND c.downtime = downtime.id) AS corrections FROM downtime`,
    where: (query) => [...touching(query), ...ofServices(query)],
    order: 'start, id',
    item: ({ detail, corrections, ...row }) => ({
      ...row,
      ...(detail === null ? {} : { detail: JSON.parse(String(detail)) }),
      corrections: JSON.parse(String(corrections)),
    }),
    position: byStart,
  },
  runs: {
    select: 'SELECT id, start, "end" FROM run',
    where: touching,
    order: 'start, id',
    item: (row) => ({ ...row }),
    position: byStart,
  },
  gaps: {
    select: 'SELECT id, service, start, "end", reason FROM gap',
    where: (query) => [...touching(query), ...ofServices(query)],
    order: 'start, id',
    item: (row) => ({ ...row }),
    position: byStart,
  },
  maintenance: {
    select: 'SELECT id, services, start, "end", reason, author FROM maintenance',
    where: (query) => [...touching(query), ...forServices(query)],
    order: 'start, id',
    item: ({ id, services, author, ...row }) => ({
      window: id,
      ...row,
      ...(services === null ? {} : { services: JSON.parse(String(services)) }),
      ...(author === null ? {} : { author }),
    }),
    position: ({ start, window }: Maintenance): After => [start, window],
  },
  summaries: {
    select: 'SELECT key, version, as_of, at, body FROM summary AS s',
    where: ({ prefix = '', versions = false }) => [
      ['substr(key, 1, length(?)) = ?', prefix, prefix],
      ...(versions ? [] : ([[LATEST]] as const)),
    ],
    order: 'key, version',
    item: ({ as_of, body, ...row }) => ({ ...row, asOf: as_of, body: JSON.parse(String(body)) }),
    position: ({ key, version }: Summary): After => [key, version],
  },
  changes: {
    select: 'SELECT seq, term, events FROM log',
    where: (since) => [['seq > ?', since]],
    order: 'seq, term',
    item: ({ events, ...row }) => ({ ...row, events: JSON.parse(String(events)) }),
    position: ({ seq, term }: Entry): After => [seq, term],
  },
}

const LATEST = `version = (SELECT max(version) FROM summary AS o WHERE o.monitor = s.monitor AND o.key = s.key)`

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
