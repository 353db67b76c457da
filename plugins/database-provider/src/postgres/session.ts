import { type Skipped, systemClock, within } from '@uptimeserver/core'
import type { Session } from '../database.js'
import type { Row } from '../options.js'
import { checkLimit, type Settings } from '../settings.js'
import type { Connection } from './connection.js'
import { PREFIX } from './problems.js'

/** So many rows come at once. */
const BATCH = 1_000
/** What a polite goodbye may take, in ms. */
const GOODBYE = 500

export class PostgresSession implements Session {
  readonly notes: Skipped[] = []
  readonly #connection: Connection
  readonly #settings: Settings

  constructor(connection: Connection, settings: Settings) {
    this.#connection = connection
    this.#settings = settings
  }

  /** Without news the rows are polled, as on a server that only follows another one. */
  async listen(): Promise<void> {
    const { client } = this.#connection
    const { listen } = this.#settings
    if (listen === undefined) return
    try {
      await client.query(`LISTEN ${client.escapeIdentifier(listen)}`)
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (code !== READ_ONLY && code !== NOT_SUPPORTED) throw error
      this.notes.push({ what: `LISTEN ${listen}`, reason: `${message}; the rows are polled` })
    }
  }

  async read(): Promise<readonly Row[]> {
    const { client } = this.#connection
    const { query, limit, timeout } = this.#settings
    await client.query(beginning(timeout))
    // The extended protocol takes one statement: what stands behind a semicolon is refused, and can't leave the transaction.
    const cursor = { text: `${PREFIX}${String(query)}`, queryMode: 'extended' }
    await client.query(cursor)
    const rows: Row[] = []
    for (let more = true; more; ) {
      const { rows: batch } = await client.query<Row>(`FETCH ${BATCH} FROM uptimeserver`)
      for (const row of batch) rows.push(row)
      checkLimit(rows.length, limit)
      more = batch.length === BATCH
    }
    await client.query('ROLLBACK')
    return rows
  }

  async ping(): Promise<void> {
    await this.#connection.client.query('SELECT 1')
  }

  async close(): Promise<void> {
    const { client, socket } = this.#connection
    await within(
      systemClock,
      client.end().catch(() => undefined),
      GOODBYE,
    )
    socket.destroy()
  }
}

/** Said for the transaction alone, which a pooler in between keeps on one connection. Should we stand still, it ends by itself. */
const beginning = (timeout: number) => `
  BEGIN READ ONLY;
  SET LOCAL statement_timeout = ${timeout};
  SET LOCAL idle_in_transaction_session_timeout = ${Math.max(timeout, 10_000)};
  SET LOCAL intervalstyle = 'postgres'`

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: a standby has no notifications. */
const READ_ONLY = '25006'
const NOT_SUPPORTED = '0A000'
