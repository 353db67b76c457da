import type { CalendarPeriod } from '../calendar.js'
import type { Cursor, Json, Reader, Storage, Summary } from '../contracts.js'
import type { SlaRow } from '../figures.js'
import type { Spans } from '../spans.js'
import { batches } from '../survey.js'
import type { StoredTally } from '../tally.js'

/** Where a consolidation has come to. What it counts next begins at `at`. */
export interface SlaState {
  /** The log was read up to here. */
  readonly cursor: Cursor
  /** Everything before this was counted, and what closed is frozen. */
  readonly at: number
  /** When the monitor ran, as it was known then: a run that becomes longer is in no entry of the log. */
  readonly runs: Spans
  readonly services: readonly string[]
  /** Gaps that were open: service → start. */
  readonly gaps: Readonly<Record<string, number>>
}

/** What is kept of a period that goes on: where it came to, and its tally. */
export type StoredAccount = readonly [unit: CalendarPeriod['unit'], label: string, tally: StoredTally]

/** How many summaries are saved at a time. */
const BATCH = 500

/**
 * The summaries of one report: `<report>|<unit>|<label>|<service or group>` for the frozen figures, with `running`
 * instead of unit and label for what goes on, and `state`.
 */
export class SlaRecord {
  readonly #storage: Storage
  readonly #prefix: string

  constructor(storage: Storage, prefix: string) {
    this.#storage = storage
    this.#prefix = prefix
  }

  async state(): Promise<SlaState | undefined> {
    for await (const { body } of this.#storage.summaries({ prefix: `${this.#prefix}|state` })) {
      return body as unknown as SlaState
    }
    return undefined
  }

  /** The tallies that belong to a state. Those of a consolidation that broke off do not. */
  async *accounts({
    cursor,
    at,
  }: SlaState): AsyncGenerator<[id: string, accounts: readonly StoredAccount[]]> {
    const prefix = `${this.#prefix}|running|`
    for await (const { key, body, asOf } of this.#storage.summaries({ prefix })) {
      const running = body as unknown as Running
      if (asOf === cursor && running.at === at) yield [key.slice(prefix.length), running.accounts]
    }
  }

  /** Keeps what goes on. It holds once the state is kept. */
  async keepRunning(
    { cursor, at }: SlaState,
    running: ReadonlyMap<string, Omit<Running, 'at'> | null>,
    asOf: number,
  ): Promise<void> {
    const summaries = [...running].map(([id, body]): Summary => {
      const kept = body && ({ at, ...body } as unknown as Json)
      return { key: `${this.#prefix}|running|${id}`, version: 0, asOf: cursor, at: asOf, body: kept }
    })
    await this.#save(summaries)
  }

  async keepState(state: SlaState, asOf: number): Promise<void> {
    const body = state as unknown as Json
    await this.#save([{ key: `${this.#prefix}|state`, version: 0, asOf: state.cursor, at: asOf, body }])
  }

  /** Freezes figures for the first time. One that is frozen stays as it is. */
  async freeze(rows: ReadonlyMap<string, SlaRow>, at: number): Promise<void> {
    await this.#save([...rows].map(([id, row]) => this.#version(id, row, 1, at)))
  }

  /** Adds a version of each figure that has changed. */
  async restate(
    rows: ReadonlyMap<string, SlaRow>,
    because: (id: string) => readonly string[],
    at: number,
  ): Promise<void> {
    const changed: Summary[] = []
    for (const [id, row] of rows) {
      const last = await latest(this.#storage, this.#key(id, row))
      if (last && sameFigure(last.body as unknown as SlaRow, row)) continue
      const version = (last?.version ?? 0) + 1
      changed.push(this.#version(id, last ? { ...row, because: because(id) } : row, version, at))
    }
    await this.#save(changed)
  }

  #version(id: string, row: SlaRow, version: number, at: number): Summary {
    const { version: _, asOf, ...body } = row
    return { key: this.#key(id, row), version, asOf, at, body: body as unknown as Json }
  }

  #key(id: string, { period }: SlaRow): string {
    return `${this.#prefix}|${period.unit}|${period.label}|${id}`
  }

  async #save(summaries: readonly Summary[]): Promise<void> {
    for (const batch of batches(summaries, BATCH)) await this.#storage.save(batch)
  }
}

interface Running {
  readonly at: number
  readonly accounts: readonly StoredAccount[]
  /** The figures of the running periods, as of the last proof of life. */
  readonly figures: readonly object[]
}

/** Whose report it is, and by which rules: what changes a figure is part of its key. */
export function reportPrefix(
  name: string,
  { zone, policy }: { zone: string; policy: { unobserved: string; maintenance: string } },
): string {
  return `${name}|${zone}|${policy.unobserved},${policy.maintenance}`
}

/** Frozen figures, by the id of what they are of. */
export async function readFrozen(reader: Reader, prefix: string): Promise<Map<string, SlaRow>> {
  const rows = new Map<string, SlaRow>()
  for await (const { key, version, asOf, body } of reader.summaries({ prefix })) {
    if (version) rows.set(key.slice(prefix.length), { ...(body as unknown as SlaRow), version, asOf })
  }
  return rows
}

async function latest(reader: Reader, key: string): Promise<Summary | undefined> {
  for await (const summary of reader.summaries({ prefix: key })) if (summary.key === key) return summary
  return undefined
}

const COMPARED = ['observedMs', 'unobservedMs', 'maintenanceMs', 'downMs', 'downtimes', 'longestMs'] as const

function sameFigure(one: SlaRow, other: SlaRow): boolean {
  return COMPARED.every((key) => one[key] === other[key]) && one.uptime === other.uptime
}
