import type { CalendarPeriod } from '../calendar/calendar.js'
import type { Cursor, Json, Logger, Reader, Storage, Summary } from '../contracts.js'
import { isUptimeError } from '../errors.js'
import type { SlaRow } from '../figures/figures.js'
import type { Pace } from '../figures/pace.js'
import type { Spans } from '../figures/spans.js'
import type { StoredTally } from '../figures/tally.js'
import type { Windows } from './sla-windows.js'

/** Where a consolidation has come to. What it counts next begins at `at`. */
export interface SlaState {
  /** The log was read up to here. */
  readonly cursor: Cursor
  /** Everything before this was counted, and what closed is frozen. */
  readonly at: number
  /** When the monitor ran, as it was known then: a run that becomes longer is in no entry of the log. */
  readonly runs: Spans
  /** What was reported on: each service with the groups that it was counted for. */
  readonly services: Readonly<Record<string, readonly string[]>>
  /** Gaps that were open: service → start. */
  readonly gaps: Readonly<Record<string, number>>
  /** Agreed time as it was known. */
  readonly windows: Windows
  /** Which periods and groups were counted, as text. */
  readonly counted: string
  /** Periods that were frozen by hand although they end after `at`. */
  readonly early: readonly EarlyPeriod[]
}

export type EarlyPeriod = Pick<CalendarPeriod, 'unit' | 'label' | 'end'>

/** What is kept of a period that goes on: where it has come to, and what that would make as a figure. */
export interface RunningPeriod {
  readonly unit: CalendarPeriod['unit']
  readonly label: string
  readonly uptime: number | null
  readonly coverage: number | null
  readonly tally: StoredTally
}

interface Running {
  readonly at: number
  readonly periods: readonly RunningPeriod[]
}

/** Figures by the id of what they are of. */
export type Rows = Iterable<[id: string, row: SlaRow]>

/** How many summaries are saved at a time. */
const BATCH = 100

/**
 * The summaries of one report: `<report>|<unit>|<label>|<service or group>` for the frozen figures, with `running`
 * instead of unit and label for what goes on, and `state`.
 */
export class SlaRecord {
  readonly #storage: Storage
  readonly #prefix: string
  readonly #pace: Pace
  readonly #log: Logger

  constructor(storage: Storage, prefix: string, pace: Pace, log: Logger) {
    this.#storage = storage
    this.#prefix = prefix
    this.#pace = pace
    this.#log = log
  }

  state(): Promise<SlaState | undefined> {
    return readState(this.#storage, this.#prefix)
  }

  /** The periods that belong to a state. Those of a consolidation that broke off do not. */
  async *running({ cursor, at }: SlaState): AsyncGenerator<[id: string, periods: readonly RunningPeriod[]]> {
    const prefix = `${this.#prefix}|running|`
    for await (const { key, body, asOf } of this.#storage.summaries({ prefix })) {
      const running = body as unknown as Running
      if (asOf === cursor && running.at === at) yield [key.slice(prefix.length), running.periods]
    }
  }

  /** Keeps what goes on. It holds once the state is kept. */
  async keepRunning(
    { cursor, at }: SlaState,
    running: Iterable<[id: string, periods: readonly RunningPeriod[]]>,
  ): Promise<void> {
    await this.#save(running, ([id, periods]) => {
      const body = periods.length ? ({ at, periods } as unknown as Json) : null
      return { key: `${this.#prefix}|running|${id}`, version: 0, asOf: cursor, at, body }
    })
  }

  async keepState(state: SlaState): Promise<void> {
    const { cursor, at } = state
    const body = state as unknown as Json
    await this.#storage.save([{ key: `${this.#prefix}|state`, version: 0, asOf: cursor, at, body }])
  }

  /**
   * Freezes figures of a period: the first of each is version 1, and another follows when it has changed. So it does not
   * matter whether this was begun before and broke off, or somebody did it by hand too early.
   */
  async freeze({ unit, label }: CalendarPeriod, rows: Rows, at: number): Promise<void> {
    const frozen = await this.#frozen(`${this.#prefix}|${unit}|${label}|`, rows)
    await this.#save(changedOf(rows, frozen), ([id, row]) => {
      const last = frozen.get(id)
      const { because, ...first } = row
      if (!last) return this.#version(id, first, 1, at)
      return this.#version(id, { ...row, because: reasonsFor(row, last) }, last.version + 1, at)
    })
  }

  /** The latest versions: of many all at once, of a few one by one. */
  async #frozen(prefix: string, rows: Rows): Promise<Map<string, SlaRow>> {
    if (!Array.isArray(rows) || rows.length > BATCH) return readFrozen(this.#storage, prefix)
    const frozen = new Map<string, SlaRow>()
    for (const [id] of rows) {
      const last = await latest(this.#storage, prefix + id)
      if (last?.version) frozen.set(id, rowFrom(last))
    }
    return frozen
  }

  #version(id: string, row: SlaRow, version: number, at: number): Summary {
    const { version: _, asOf, ...body } = row
    const { unit, label } = row.period
    const key = `${this.#prefix}|${unit}|${label}|${id}`
    return { key, version, asOf, at, body: body as unknown as Json }
  }

  async #save<T>(items: Iterable<T>, summaryOf: (item: T) => Summary): Promise<void> {
    const batch: Summary[] = []
    for (const item of items) {
      batch.push(summaryOf(item))
      if (batch.length === BATCH) await this.#saveBatch(batch.splice(0))
      if (this.#pace.isDue) await this.#pace.rest()
    }
    if (batch.length) await this.#saveBatch(batch)
  }

  /** One that is refused for what it is holds no other up. */
  async #saveBatch(batch: readonly Summary[]): Promise<void> {
    try {
      await this.#storage.save(batch)
    } catch (error) {
      if (!isUptimeError(error, 'FACTS_REFUSED')) throw error
      const [summary, ...others] = batch
      if (others.length) for (const single of batch) await this.#saveBatch([single])
      else this.#log.error(`${summary?.key} was not kept: ${error.message}`)
    }
  }
}

/** Whose report it is, and by which rules: what changes a figure is part of its key. */
export function reportPrefix(
  name: string,
  { zone, policy }: { zone: string; policy: { unobserved: string; maintenance: string } },
): string {
  return `${name}|${zone}|${policy.unobserved},${policy.maintenance}`
}

export async function readState(reader: Reader, prefix: string): Promise<SlaState | undefined> {
  const state = await latest(reader, `${prefix}|state`)
  return state && (state.body as unknown as SlaState)
}

/** Frozen figures, by the id of what they are of: all of a prefix, or those whose ids begin so. */
export async function readFrozen(reader: Reader, prefix: string, id = ''): Promise<Map<string, SlaRow>> {
  const rows = new Map<string, SlaRow>()
  for await (const summary of reader.summaries({ prefix: prefix + id })) {
    if (summary.version) rows.set(summary.key.slice(prefix.length), rowFrom(summary))
  }
  return rows
}

function rowFrom({ version, asOf, body }: Summary): SlaRow {
  return { ...(body as unknown as SlaRow), version, asOf }
}

async function latest(reader: Reader, key: string): Promise<Summary | undefined> {
  for await (const summary of reader.summaries({ prefix: key })) if (summary.key === key) return summary
  return undefined
}

function* changedOf(rows: Rows, frozen: ReadonlyMap<string, SlaRow>): Rows {
  for (const [id, row] of rows) if (!sameFigure(frozen.get(id), row)) yield [id, row]
}

/** Why there is a further version; that a group is of other services now goes with it. */
function reasonsFor({ because = [MORE_IS_KNOWN], group }: SlaRow, last: SlaRow): readonly string[] {
  const before = last.group?.services
  if (!group || before === group.services) return because
  return [...because, `the group is of ${group.services} services now, and was of ${before}`]
}

const MORE_IS_KNOWN = 'more has become known since it was made'

const COMPARED = ['observedMs', 'unobservedMs', 'maintenanceMs', 'downMs', 'downtimes', 'longestMs'] as const

function sameFigure(one: SlaRow | undefined, other: SlaRow): boolean {
  return one !== undefined && COMPARED.every((key) => one[key] === other[key]) && one.uptime === other.uptime
}
