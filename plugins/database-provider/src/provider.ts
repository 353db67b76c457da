import {
  type Context,
  type Discovery,
  isUptimeError,
  type Provider,
  parseDuration,
  type ServiceTypes,
  sleep,
} from '@uptimeserver/core'
import { News } from '@uptimeserver/core/kit'
import { bounded } from './bounded.js'
import type { Database, Session } from './database.js'
import { mongoDatabase } from './mongo/database.js'
import type { DatabaseProviderOptions } from './options.js'
import { postgresDatabase } from './postgres/database.js'
import { RowSet } from './row-set.js'

/** Between two readings at least, in ms: who tells of a thousand changes a second must not keep the database busy. */
const PAUSE = 200
/** So often it is asked whether a connection over which news should come is still one, in ms. */
const PING_EVERY = 30_000
/** How much longer than the database we wait, in ms: what it says of a query that takes too long says more. */
const LAG = 1_000

/** Turns the rows of a query into services. What it has read outlives the loss of sight. */
export class DatabaseProvider implements Provider {
  readonly name: string
  readonly types: ServiceTypes
  readonly #options: DatabaseProviderOptions
  readonly #database: Database
  readonly #every: number
  readonly #timeout: number
  #rows: RowSet

  constructor(options: DatabaseProviderOptions) {
    const { name = 'database', types, every = '30s', timeout = '10s', limit = 10_000 } = options
    this.name = name
    this.types = types
    this.#options = options
    this.#every = parseDuration(every)!
    this.#timeout = parseDuration(timeout)!
    const settings = { ...options, limit, timeout: this.#timeout, every: this.#every }
    this.#database = typeof options.query === 'string' ? postgresDatabase(settings) : mongoDatabase(settings)
    this.#rows = new RowSet(options)
  }

  async *discover(context: Context): AsyncGenerator<Discovery> {
    const stop = new AbortController()
    const news = new News(AbortSignal.any([context.signal, stop.signal]))
    let session: Session | undefined
    let hasFailed = false
    try {
      session = await this.#within(context, (signal) => this.#database.open(news, signal))
      yield* this.#follow(session, news, context)
    } catch (error) {
      if (context.signal.aborted) return
      hasFailed = true
      if (isUptimeError(error)) throw error
      throw new Error(this.#database.problemOf(error), { cause: error })
    } finally {
      stop.abort(new Error('nobody wants to know any more'))
      await session?.close()
      // Whoever starts anew has closed the services that there were.
      if (!hasFailed) this.#rows = new RowSet(this.#options)
    }
  }

  async *#follow(session: Session, news: News, context: Context): AsyncGenerator<Discovery> {
    let last: Discovery | undefined
    while (!context.signal.aborted) {
      const rows = await this.#within(context, (signal) => session.read(signal), LAG)
      const next = this.#rows.read(rows, session.notes)
      if (next !== last) yield next
      last = next
      await this.#untilDue(session, news, context)
    }
  }

  async #untilDue(session: Session, news: News, context: Context): Promise<void> {
    const { clock, signal } = context
    const due = clock.monotonic() + this.#every
    await sleep(clock, PAUSE, signal)
    for (let left = due - clock.monotonic(); left > 0 && !signal.aborted; left = due - clock.monotonic()) {
      if (await news.nextWithin(clock, Math.min(left, PING_EVERY))) return
      if (left > PING_EVERY) await this.#within(context, (inner) => session.ping(inner))
    }
  }

  #within<T>({ clock, signal }: Context, work: (signal: AbortSignal) => Promise<T>, lag = 0): Promise<T> {
    return bounded(clock, this.#timeout + lag, signal, work)
  }
}
