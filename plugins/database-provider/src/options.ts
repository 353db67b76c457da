import type { Duration, Secret, TlsOptions } from '@uptimeserver/core'
import {
  durationBetween,
  type EntryOptions,
  entryOptions,
  text,
  tlsOptions,
  wholeNumber,
} from '@uptimeserver/core/kit'
import * as v from 'valibot'
import { databaseUri, kindOf, saysTls } from './uri.js'

/** What the database gives: the columns of a row by their names, or a document. */
export type Row = Readonly<Record<string, unknown>>

/** What is read from MongoDB. */
export interface MongoQuery {
  readonly collection: string
  /** Which documents. Default: all. */
  readonly filter?: Readonly<Record<string, unknown>> | undefined
  /** Which of their fields. Default: all. */
  readonly projection?: Readonly<Record<string, unknown>> | undefined
}

/** Options of {@link databaseProvider}. */
export interface DatabaseProviderOptions extends EntryOptions {
  /** The provider's own, shown by `uptime status --discovery`. Default `'database'`. */
  readonly name?: string | undefined
  /** `'postgres://user:password@host/database'` or `'mongodb://user:password@host/database'`. */
  readonly uri: string | Secret
  /** One statement of SQL that gives rows (`SELECT`, `VALUES`, `TABLE`, `WITH`), or what is read from MongoDB. */
  readonly query: string | MongoQuery
  /** How often the rows are read, from 1s to 1d. Default 30s. */
  readonly every?: Duration | undefined
  /** PostgreSQL: a channel, as `pg_notify` has it, on which a `NOTIFY` lets the rows be read at once. */
  readonly listen?: string | undefined
  /** MongoDB: whether a change of the collection lets it be read at once, by a change stream. Default false. */
  readonly watch?: boolean | undefined
  /**
   * Makes an entry `{ type, …options }` of a row. Default: its columns that are not null, and what the JSON column `options` holds;
   * of a document all but `_id`.
   */
  readonly row?: ((row: Row) => unknown) | undefined
  /** How many rows are taken at most, up to 100,000. More are an error, and the last set stays. Default 10,000. */
  readonly limit?: number | undefined
  /** What it may take to connect, and to read all rows; from 100ms to 10m. Default 10s. */
  readonly timeout?: Duration | undefined
  /** TLS with these certificates. Default: as the URI says (`sslmode`, `tls`). */
  readonly tls?: TlsOptions | undefined
}

const record = v.record(v.string(), v.unknown())

const query = v.union(
  [
    text(100_000),
    v.strictObject({
      collection: text(255),
      filter: v.optional(record),
      projection: v.optional(record),
    }),
  ],
  `a text of SQL, or { collection: 'services' } for MongoDB`,
)

const channel = v.custom<string>(
  (value) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) < 64,
  'a name of a channel, of 1 to 63 bytes',
)

const entries = v.strictObject({
  ...entryOptions,
  name: v.optional(text(100)),
  uri: databaseUri,
  query,
  every: v.optional(durationBetween('1s', '1d')),
  listen: v.optional(channel),
  watch: v.optional(v.boolean()),
  row: v.optional(
    v.custom<(row: Row) => unknown>((value) => typeof value === 'function', 'a function (row) => entry'),
  ),
  limit: v.optional(wholeNumber(1, 100_000)),
  timeout: v.optional(durationBetween('100ms', '10m')),
  tls: v.optional(tlsOptions),
})

type Entries = v.InferOutput<typeof entries>

const isFor = (kind: 'postgres' | 'mongo', { uri }: Entries) => (kindOf(uri) ?? kind) === kind
const kindOfQuery = ({ query }: Entries) => (typeof query === 'string' ? 'postgres' : 'mongo')

/** The schema of everything that {@link databaseProvider} takes. */
export const schema = v.pipe(
  entries,
  v.forward(
    v.check(
      (options) => isFor(kindOfQuery(options), options),
      `a text of SQL for postgres://, { collection: 'services' } for mongodb://`,
    ),
    ['query'],
  ),
  v.forward(
    v.check(
      (options) => options.listen === undefined || isFor('postgres', options),
      'nothing for mongodb://; it has `watch`',
    ),
    ['listen'],
  ),
  v.forward(
    v.check(
      (options) => !options.watch || isFor('mongo', options),
      'nothing for postgres://; it has `listen`',
    ),
    ['watch'],
  ),
  v.forward(
    v.check(({ uri, tls }) => tls === undefined || !saysTls(uri), 'either `tls`, or sslmode in the URI'),
    ['tls'],
  ),
)
