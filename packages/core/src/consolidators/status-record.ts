import type { Cursor, Json, Reader, Storage, Summary } from '../contracts.js'

/** What may be shown of one service. */
export interface PublicServiceStatus {
  readonly service: string
  readonly kind: string
  readonly name: string
  readonly category?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** What is so now, the first that applies: `maintenance`, `unknown` (nobody looks at it), `down`, `up`. */
  readonly status: 'maintenance' | 'unknown' | 'down' | 'up'
  /** Since when, in ms since the epoch. */
  readonly since: number
}

/** What may be shown to the public. */
export interface PublicStatusReport {
  /** As of when, in ms since the epoch; `null`: it was never made. */
  readonly at: number | null
  /** By name. */
  readonly services: readonly PublicServiceStatus[]
}

/** Where a public status has come to. */
export interface StatusState {
  /** The log was read up to here. */
  readonly cursor: Cursor
  readonly at: number
  /** Whether no monitor ran. */
  readonly silent: boolean
}

/** Ids of services; `undefined`: all of them. */
export type Some = ReadonlySet<string> | undefined

/** How many summaries are saved at a time, and how many are asked for one by one. */
const BATCH = 100

/** The summaries `<name>|state`, and `<name>|service|<id>` for each service that is shown. */
export class StatusRecord {
  readonly #reader: Reader
  readonly #name: string

  constructor(reader: Reader, name: string) {
    this.#reader = reader
    this.#name = name
  }

  async state(): Promise<StatusState | undefined> {
    for await (const { key, body } of this.#reader.summaries({ prefix: `${this.#name}|state` }))
      if (key === `${this.#name}|state`) return body as unknown as StatusState
    return undefined
  }

  /** What was written the last time, of some services. */
  async rows(some?: Some): Promise<Map<string, PublicServiceStatus>> {
    const prefix = `${this.#name}|service|`
    const asked = some && some.size <= BATCH ? [...some].map((id) => prefix + id) : [prefix]
    const rows = new Map<string, PublicServiceStatus>()
    for (const each of asked) {
      for await (const { key, body } of this.#reader.summaries({ prefix: each })) {
        const id = key.slice(prefix.length)
        if (!some || some.has(id)) rows.set(id, body as unknown as PublicServiceStatus)
      }
    }
    return rows
  }

  /** Writes rows, takes those away that are `null`, and then says what it has come to. */
  async write(
    storage: Storage,
    state: StatusState,
    rows: readonly [id: string, row: PublicServiceStatus | null][],
  ): Promise<void> {
    const { cursor, at } = state
    const summary = (key: string, body: unknown): Summary => {
      return { key: `${this.#name}|${key}`, version: 0, asOf: cursor, at, body: body as Json }
    }
    const summaries = rows.map(([id, row]) => summary(`service|${id}`, row))
    for (let start = 0; start < summaries.length; start += BATCH)
      await storage.save(summaries.slice(start, start + BATCH))
    await storage.save([summary('state', state)])
  }
}
