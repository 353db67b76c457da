import { formatDuration, type Runner, type SlaRow, systemClock, within } from '@uptimeserver/core'
import { isMissed, percent } from '../figures/columns.js'
import { colors, dim, green, red } from './colors.js'
import { plural } from './format.js'
import type { Cell } from './line.js'
import { renderTable } from './table.js'

/** How often the figures are asked for, in ms. */
const EVERY = 2_000
/** How long the end may wait for the last ones, in ms. */
const PATIENCE = 2_000
/** How many services the summary lists: those that were down longest. */
const MOST = 10

const COLUMNS = [
  { title: 'TODAY', least: 8 },
  { title: 'UPTIME', align: 'right' as const },
  { title: 'COVERAGE', align: 'right' as const },
  { title: 'DOWNTIMES', align: 'right' as const, drop: 1 },
  { title: 'DOWN', align: 'right' as const, drop: 2 },
]

/** The figures of the running day, as the record has them. */
export class Today {
  #runner: Runner | undefined
  #rows = new Map<string, SlaRow>()
  #timer: NodeJS.Timeout | undefined
  #asking: Promise<void> | undefined

  /** @param shown the services that somebody looks at */
  watch(runner: Runner, shown: () => readonly string[]): void {
    this.#runner = runner
    this.#timer = setInterval(() => void this.#ask(shown()), EVERY)
  }

  cell(service: string): Cell {
    const row = this.#rows.get(service)
    if (!row) return dim('–')
    return painted(row)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Asks for all, for the summary, which has these figures where none come later. */
  async conclude(): Promise<void> {
    this.stop()
    await this.#asking
    await within(systemClock, this.#ask(undefined), PATIENCE)
  }

  /** Takes the figures that count to the end. A record that has nothing, such as one in memory, leaves the last ones. */
  async recount(read: () => Promise<readonly SlaRow[]>): Promise<void> {
    const reading = read().catch(() => [])
    const rows = await within(systemClock, reading, PATIENCE)
    if (rows?.length) this.#take(rows)
  }

  summary(width: number): string[] {
    const rows = [...this.#rows.values()].sort((a, b) => b.downMs - a.downMs)
    if (!rows.length) return []
    const lines = rows
      .slice(0, MOST)
      .map((row) => [
        ...[row.name, painted(row), percent(row.coverage), String(row.downtimes)],
        formatDuration(row.downMs),
      ])
    const more = rows.length > MOST ? [colors.dim(`… and ${plural(rows.length - MOST, 'other')}`)] : []
    return ['', ...renderTable(COLUMNS, lines, width, colors.dim), ...more]
  }

  #ask(ids: readonly string[] | undefined): Promise<void> {
    this.#asking ??= this.#read(ids).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** A storage that does not answer is told by the monitor; the figures are only a view. */
  async #read(ids: readonly string[] | undefined): Promise<void> {
    try {
      const wanted = ids && new Set(ids)
      const filter = wanted && (({ id }: { readonly id: string }) => wanted.has(id))
      const rows = (await this.#runner?.reports().sla({ period: { unit: 'day' }, filter })) ?? []
      this.#take(rows)
    } catch {
      return
    }
  }

  #take(rows: readonly SlaRow[]): void {
    this.#rows = new Map(rows.flatMap((row) => (row.service ? [[row.service, row]] : [])))
  }
}

function painted(row: SlaRow): Cell {
  const text = percent(row.uptime)
  const missed = isMissed(row) ?? (row.downMs > 0 ? true : undefined)
  return missed === undefined ? text : missed ? red(text) : green(text)
}
