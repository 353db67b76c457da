import {
  type Cursor,
  type Event,
  type Live,
  type ServiceFilter,
  type ServiceRecord,
  type Summary,
  UptimeError,
} from '@uptimeserver/core'
import type { Database } from './driver.js'
import { storageError } from './errors.js'
import { openForReading, openForWriting } from './file.js'
import { type After, type Page, type PageName, readPage } from './pages.js'
import { Statements } from './statements.js'
import { Views } from './views.js'

export interface EngineOptions {
  readonly path: string
  readonly monitor: string
  readonly readOnly: boolean
}

/** The storage of one monitor on one file, synchronous. Runs in a thread of its own when it writes. */
export class Engine {
  readonly #options: EngineOptions
  readonly #database: Database | undefined
  readonly #statements: Statements | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#database = options.readOnly ? openForReading(options.path) : openForWriting(options.path)
    this.#statements = this.#database && new Statements(this.#database)
  }

  /** Takes the events as JSON, which crosses threads faster than objects do and is what the log holds. */
  record(text: string, term: number | undefined): Cursor {
    const events: readonly Event[] = JSON.parse(text)
    return this.#write(isDurable(events), (statements) => {
      const { monitor } = this.#options
      const last = lastEntry(statements, monitor)
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

  save(summaries: readonly Summary[]): void {
    const { monitor } = this.#options
    this.#write(summaries.some(isFrozen), (statements) => {
      for (const { key, version, asOf, at, body } of summaries) {
        const isGone = version === 0 && body === null
        if (isGone) statements.run(REMOVE_RUNNING, key, monitor)
        else statements.run(ADD_SUMMARY, key, version, asOf, at, JSON.stringify(body), monitor)
      }
    })
  }

  publish(live: readonly Live[]): void {
    const sql = `INSERT INTO live (key, at, body, monitor) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET at = excluded.at, body = excluded.body`
    this.#write(false, (statements) => {
      for (const { key, at, body } of live)
        statements.run(sql, key, at, JSON.stringify(body), this.#options.monitor)
    })
  }

  cursor(): Cursor {
    return this.#read((statements) => lastEntry(statements, this.#options.monitor).seq, 0)
  }

  services({ ids, removed = false }: ServiceFilter): ServiceRecord[] {
    const sql = `SELECT s.facts, json_group_array(json_object('start', m.start, 'end', m."end") ORDER BY m.start) AS monitored
      FROM service AS s JOIN monitored AS m ON m.monitor = s.monitor AND m.service = s.id
      WHERE s.monitor = ? AND (? IS NULL OR s.id IN (SELECT value FROM json_each(?)))
      GROUP BY s.id HAVING ? OR sum(m."end" IS NULL) ORDER BY min(m.start), s.id`
    const list = ids ? JSON.stringify(ids) : null
    const rows = this.#read(
      (statements) => statements.all(sql, this.#options.monitor, list, list, removed ? 1 : 0),
      [],
    )
    return rows.map(({ facts, monitored }) => ({
      ...JSON.parse(String(facts)),
      monitored: JSON.parse(String(monitored)),
    }))
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

  /** The next rows of a view, in its order, as JSON. */
  page<Name extends PageName>(name: Name, query: Page<Name>['query'], after: After | undefined): string {
    const read = (statements: Statements) => readPage(statements, this.#options.monitor, name, query, after)
    return this.#read(read, '[]')
  }

  close(): void {
    this.#database?.close()
  }

  /** Where there is no file yet, the answer is `none`. */
  #read<T>(work: (statements: Statements) => T, none: T): T {
    if (!this.#statements) return none
    try {
      return work(this.#statements)
    } catch (error) {
      throw storageError(error, this.#options.path)
    }
  }

  #write<T>(durable: boolean, work: (statements: Statements) => T): T {
    const [statements, database] = [this.#statements, this.#database]
    if (this.#options.readOnly || !statements || !database) {
      throw new UptimeError('STORAGE_UNWRITABLE', 'sqlite-storage: it was opened for reading only')
    }
    try {
      database.exec(durable ? 'PRAGMA synchronous = FULL' : 'PRAGMA synchronous = NORMAL')
      return statements.transaction(() => work(statements))
    } catch (error) {
      throw storageError(error, this.#options.path)
    }
  }
}

const ADD_SUMMARY = `INSERT INTO summary (key, version, as_of, at, body, monitor) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET as_of = excluded.as_of, at = excluded.at, body = excluded.body WHERE version = 0`
const REMOVE_RUNNING = 'DELETE FROM summary WHERE key = ? AND version = 0 AND monitor = ?'

/** One that is not frozen is made again: it need not wait for the disk. */
const isFrozen = ({ version }: Summary) => version > 0

/**
 * Signs of life are written without waiting for the disk: one that is lost with the machine's power makes the run
 * look shorter, which is the safe side.
 */
function isDurable(events: readonly Event[]): boolean {
  return events.some(({ type }) => type !== 'alive')
}

function lastEntry(statements: Statements, monitor: string): { seq: number; term: number } {
  const row = statements.get('SELECT seq, term FROM log WHERE monitor = ? ORDER BY seq DESC LIMIT 1', monitor)
  return { seq: Number(row?.seq ?? 0), term: Number(row?.term ?? 0) }
}

function fenced(term: number, last: number): UptimeError {
  return new UptimeError('STORAGE_FENCED', `sqlite-storage: term ${term} is over; the log is at term ${last}`)
}
