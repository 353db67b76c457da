import {
  type Cursor,
  type Event,
  type Lease,
  type LeaseRecord,
  type Live,
  UptimeError,
} from '@uptimeserver/core'
import { leaseToken, readLeaseToken } from '@uptimeserver/core/kit'
import { storageError } from './errors.js'
import { isFilled, Opened } from './opened.js'
import { type After, type PageName, type PageOf, readPage } from './pages.js'
import type { Statements } from './statements.js'
import { Views } from './views.js'

/** How long a file that was taken away is waited for, in ms. */
const PATIENCE = 5_000

export interface EngineOptions {
  readonly path: string
  readonly monitor: string
  readonly readOnly: boolean
}

/** The storage of one monitor on one file, synchronous. Runs in a thread of its own when it writes. */
export class Engine {
  readonly #options: EngineOptions
  #opened: Opened | undefined
  /** Since when the file is gone, in ms of the process. */
  #goneSince: number | undefined
  /** The run whose beginning was written last. */
  #run: string | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#opened = this.#open()
  }

  /** Takes the events as JSON, which crosses threads faster than objects do and is what the log holds. */
  record(text: string, term: number | undefined, after = 0): Cursor {
    const events: readonly Event[] = JSON.parse(text)
    return this.#write(this.#isDurable(events), (statements) => {
      const { monitor } = this.#options
      const last = lastEntry(statements, monitor)
      if (last.seq < after) throw lost(after, last.seq)
      if (term !== undefined && term < last.term) throw fenced(term, last.term)
      const views = new Views(statements, monitor)
      const logged = views.take(events)
      if (!logged.length) return last.seq
      const asLogged = logged.length === events.length ? text : JSON.stringify(logged)
      const entry = [last.seq + 1, term ?? last.term, asLogged, monitor]
      statements.run('INSERT INTO log (seq, term, events, monitor) VALUES (?, ?, ?, ?)', ...entry)
      return last.seq + 1
    })
  }

  /**
   * Takes summaries as a JSON list of `[key, version, asOf, at, body]`, the body as text, because SQLite takes that apart
   * faster than a driver binds values one by one.
   *
   * @param gone the keys of those that go on no more, as a JSON list
   */
  save(summaries: string, gone: string, durable: boolean): void {
    const { monitor } = this.#options
    this.#write(durable, (statements) => {
      statements.run(ADD_SUMMARIES, summaries, monitor)
      statements.run(REMOVE_RUNNING, gone, monitor)
    })
  }

  publish(live: readonly Live[]): void {
    const sql = `INSERT INTO live (key, at, body, monitor) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body`
    const { monitor } = this.#options
    this.#write(false, (statements) => {
      for (const { key, at, body } of live) {
        if (body === null) statements.run('DELETE FROM live WHERE key = ? AND monitor = ?', key, monitor)
        else statements.run(sql, key, at, JSON.stringify(body), monitor)
      }
    })
  }

  cursor(): Cursor {
    return this.#read((statements) => lastEntry(statements, this.#options.monitor).seq, 0)
  }

  live(): Live[] {
    const sql = 'SELECT key, at, body FROM live WHERE monitor = ?'
    const rows = this.#read((statements) => statements.all(sql, this.#options.monitor), [])
    return rows.map(({ key, at, body }) => ({
      key: String(key),
      at: Number(at),
      body: JSON.parse(String(body)),
    }))
  }

  lease(): LeaseRecord | undefined {
    const sql = 'SELECT lease, token FROM lease WHERE monitor = ?'
    const row = this.#read((statements) => statements.get(sql, this.#options.monitor), undefined)
    if (!row) return undefined
    const lease: Lease = JSON.parse(String(row.lease))
    return { lease, token: leaseToken(Number(row.token), lease) }
  }

  /** Writes it only over what was read. */
  setLease(lease: Lease, token: string | undefined): string | undefined {
    const { count, holder } = readLeaseToken(token)
    const values = [JSON.stringify(lease), this.#options.monitor]
    return this.#write(true, (statements) => {
      const isDone =
        token === undefined
          ? statements.run(ADD_LEASE, ...values)
          : statements.run(REPLACE_LEASE, ...values, count, holder)
      return isDone ? leaseToken(count + 1, lease) : undefined
    })
  }

  /** The next rows of a view, in its order, as JSON. */
  page<Name extends PageName>(name: Name, query: PageOf<Name>['query'], after: After | undefined): string {
    const read = (statements: Statements) => readPage(statements, this.#options.monitor, name, query, after)
    return this.#read(read, '[]')
  }

  close(): void {
    this.#opened?.close()
  }

  #open(): Opened | undefined {
    return Opened.at(this.#options.path, this.#options.readOnly)
  }

  /** What is at the path now: somebody may have removed the file, moved it away, or put a backup into its place. */
  #current(): Opened | undefined {
    const opened = this.#opened
    if (opened?.isThere) return opened
    this.#opened = undefined
    opened?.close()
    if (opened && !this.#options.readOnly) this.#goneSince = performance.now()
    this.#waitForAnother()
    this.#opened = this.#open()
    this.#goneSince = undefined
    return this.#opened
  }

  /** Whoever takes a file away often puts another one there. A new one is made when none comes; facts can wait. */
  #waitForAnother(): void {
    const { path } = this.#options
    const gone = this.#goneSince
    if (gone === undefined || performance.now() - gone >= PATIENCE || isFilled(path)) return
    const message = `sqlite-storage ${path}: the file is gone; put one there, or a new one is made after ${PATIENCE / 1_000} s`
    throw new UptimeError('STORAGE_UNREACHABLE', message, { plugin: 'sqlite-storage' })
  }

  /**
   * Signs of life are written without waiting for the disk: one that is lost with the machine's power makes the run look shorter,
   * which is the safe side. One that begins a run is an entry of the log, which must not become shorter.
   */
  #isDurable(events: readonly Event[]): boolean {
    const isNews = (event: Event) => event.type !== 'alive' || event.run !== this.#run
    const isDurable = events.some(isNews)
    this.#run = events.findLast(({ type }) => type === 'alive')?.run ?? this.#run
    return isDurable
  }

  /** Where there is no file yet, the answer is `none`. */
  #read<T>(work: (statements: Statements) => T, none: T): T {
    try {
      const opened = this.#current()
      return opened ? work(opened.statements) : none
    } catch (error) {
      throw storageError(error, this.#options.path)
    }
  }

  #write<T>(durable: boolean, work: (statements: Statements) => T): T {
    if (this.#options.readOnly)
      throw new UptimeError('STORAGE_UNWRITABLE', 'sqlite-storage: it was opened for reading only')
    try {
      const { database, statements } = this.#current()!
      database.exec(durable ? 'PRAGMA synchronous = FULL' : 'PRAGMA synchronous = NORMAL')
      return statements.transaction(() => work(statements))
    } catch (error) {
      throw storageError(error, this.#options.path)
    }
  }
}

const ADD_SUMMARIES = `INSERT INTO summary (key, version, as_of, at, body, monitor)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?2 FROM json_each(?1) WHERE true
  ON CONFLICT DO UPDATE SET as_of = excluded.as_of, at = excluded.at, body = excluded.body WHERE version = 0`
const ADD_LEASE = 'INSERT INTO lease (lease, monitor, token) VALUES (?, ?, 1) ON CONFLICT DO NOTHING'
const REPLACE_LEASE = `UPDATE lease SET lease = ?, token = token + 1 WHERE monitor = ? AND token = ?
  AND lease ->> 'holder' IS ?`
const REMOVE_RUNNING = `DELETE FROM summary
  WHERE version = 0 AND key IN (SELECT value FROM json_each(?1)) AND monitor = ?2`

function lastEntry(statements: Statements, monitor: string): { seq: number; term: number } {
  const row = statements.get('SELECT seq, term FROM log WHERE monitor = ? ORDER BY seq DESC LIMIT 1', monitor)
  return { seq: Number(row?.seq ?? 0), term: Number(row?.term ?? 0) }
}

function lost(after: Cursor, last: Cursor): UptimeError {
  const message = `the log ends with entry ${last}, expected entry ${after} or a later one`
  return new UptimeError('RECORD_LOST', message)
}

function fenced(term: number, last: number): UptimeError {
  return new UptimeError('STORAGE_FENCED', `sqlite-storage: term ${term} is over; the log is at term ${last}`)
}
