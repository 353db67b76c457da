import type { Policy } from '../availability.js'
import type { CalendarPeriod, CalendarUnit } from '../calendar.js'
import type { ConsolidatorContext, Cursor, Objective, Range, ServiceRecord, Storage } from '../contracts.js'
import type { SlaRow } from '../figures.js'
import { readRuns } from '../grounds.js'
import { type GroupBy, groupIds } from '../groups.js'
import { rowsOf } from '../rows.js'
import { type ServiceSelector, selects } from '../selector.js'
import type { Spans } from '../spans.js'
import type { Stretch } from '../stretch.js'
import { batches, breathe } from '../survey.js'
import type { Tally } from '../tally.js'
import { Books, monitoredIn, periodsOf, type Scene } from './sla-books.js'
import { reportPrefix, SlaRecord, type SlaState } from './sla-record.js'
import { findTouched, type Touch, within } from './sla-touched.js'

/** The rules of a report, with nothing left open. */
export interface SlaSettings {
  readonly name: string
  readonly zone: string
  readonly periods: readonly CalendarUnit[]
  readonly policy: Required<Policy>
  readonly objective: Objective | undefined
  readonly filter: ServiceSelector | undefined
  readonly groups: readonly GroupBy[]
  readonly graceMs: number
}

/** Why periods are counted anew, by service. */
type Reasons = Map<string, Set<string>>

const DAY = 86_400_000
/** How long a stretch is counted at a time: a state is kept after each, and what comes after a crash begins there. */
const STRETCH = 31 * DAY

/** One consolidation. Everything it knows comes from the storage, so it can break off anywhere and be begun again. */
export class SlaConsolidation {
  readonly #storage: Storage
  readonly #context: ConsolidatorContext
  readonly #settings: SlaSettings
  readonly #record: SlaRecord
  readonly #services: readonly ServiceRecord[]
  readonly #scene: Scene
  readonly #cursor: Cursor
  readonly #now: number

  static async begin(
    storage: Storage,
    context: ConsolidatorContext,
    settings: SlaSettings,
  ): Promise<SlaConsolidation> {
    const cursor = await storage.cursor()
    const services = await storage.services({ removed: true })
    const chosen = services.filter((service) => selects(settings.filter, service))
    return new SlaConsolidation(storage, context, settings, cursor, chosen, await readRuns(storage))
  }

  private constructor(
    storage: Storage,
    context: ConsolidatorContext,
    settings: SlaSettings,
    cursor: Cursor,
    services: readonly ServiceRecord[],
    runs: Spans,
  ) {
    this.#storage = storage
    this.#context = context
    this.#settings = settings
    this.#cursor = cursor
    this.#services = services
    this.#now = context.clock.now()
    this.#record = new SlaRecord(storage, reportPrefix(settings.name, settings))
    const { zone, periods, groups } = settings
    this.#scene = { reader: storage, runs, zone, units: periods, groups, signal: context.signal }
  }

  /** Makes every period that has closed, restates what has changed, and refreshes what goes on. */
  async catchUp(): Promise<void> {
    const begin = Math.min(...this.#services.map(({ monitored }) => monitored[0]?.start ?? Infinity))
    const alive = this.#scene.runs.at(-1)
    if (!Number.isFinite(begin) || alive === undefined) return
    const known = await this.#record.state()
    const state = known ?? this.#stateAt(begin)
    const books = new Books(this.#scene)
    if (known) await this.#takeUp(known, books)
    const settled = Math.max(state.at, Math.min(alive, this.#now) - this.#settings.graceMs)
    for (let from = state.at; from < settled; from += STRETCH) {
      await this.#settle(books, { from, until: Math.min(from + STRETCH, settled) }, alive)
    }
    await this.#keep(books, settled, alive)
  }

  /** Makes the periods of a range that have closed, whatever was made before. */
  async remake({ start, end }: Range): Promise<void> {
    const byHand: Reasons = new Map(
      this.#services.map(({ id }) => [id, new Set(['it was made again by hand'])]),
    )
    for (const period of periodsOf(this.#scene, { from: start, until: end })) {
      if (period.end + this.#settings.graceMs <= this.#now) await this.#restate(period, byHand)
    }
  }

  /** Takes up the tallies of the last time, but for what has become known otherwise: that is counted anew. */
  async #takeUp(state: SlaState, books: Books): Promise<void> {
    const touched = await findTouched(this.#storage, state, this.#services, this.#scene.runs)
    await this.#restateTouched(touched, state.at)
    const stale = new Set(touched.keys())
    for (const service of this.#services) {
      if (stale.has(service.id)) for (const id of groupIds(service, this.#settings.groups)) stale.add(id)
    }
    for await (const [id, accounts] of this.#record.accounts(state)) {
      if (!stale.has(id)) books.restore(id, accounts)
    }
    await this.#recount(books, state.at)
  }

  /** Counts from the beginning of the running periods what has no tally, or one that does not hold any more. */
  async #recount(books: Books, until: number): Promise<void> {
    const periods = periodsOf(this.#scene, { from: until - 1, until }).filter(({ end }) => end > until)
    const from = Math.min(until, ...periods.map(({ start }) => start))
    const services = monitoredIn(this.#services, { from, until })
    const { groups } = this.#settings
    const isMissing = (id: string) => !books.accounts.has(id)
    const missing = new Set(
      services.flatMap((service) => [service.id, ...groupIds(service, groups)]).filter(isMissing),
    )
    const needed = services.filter((service) =>
      [service.id, ...groupIds(service, groups)].some((id) => missing.has(id)),
    )
    if (!needed.length) return
    const counted = new Books(this.#scene)
    await counted.countInto(periods, needed, { from, until })
    for (const id of missing) books.accounts.set(id, counted.accounts.get(id) ?? [])
  }

  async #settle(books: Books, stretch: Stretch, alive: number): Promise<void> {
    await books.count(monitoredIn(this.#services, stretch), stretch)
    for (const [period, tallies] of books.close(stretch.until)) {
      await this.#record.freeze(this.#rows(period, tallies, period.end), this.#now)
      await breathe(this.#context.signal)
    }
    if (stretch.until - stretch.from === STRETCH) await this.#keep(books, stretch.until, alive)
  }

  /** Puts the tallies aside, with the figures of the running periods as of the last proof of life. */
  async #keep(books: Books, settled: number, alive: number): Promise<void> {
    const until = Math.max(settled, Math.min(alive, this.#now))
    const ahead = books.copy()
    await ahead.count(monitoredIn(this.#services, { from: settled, until }), { from: settled, until })
    const figures = this.#running(ahead, until)
    const state = this.#stateAt(settled, await this.#openGaps())
    for (const batch of batches([...books.accounts], 500)) {
      const running = new Map(
        batch.map(([id, accounts]) => {
          const stored = accounts.map((account) => {
            const { unit, label } = account.period
            return [unit, label, account.toJSON()] as const
          })
          return [id, stored.length ? { accounts: stored, figures: figures.get(id) ?? [] } : null]
        }),
      )
      await this.#record.keepRunning(state, running, until)
      await breathe(this.#context.signal)
    }
    await this.#record.keepState(state, until)
  }

  #running(books: Books, until: number): Map<string, object[]> {
    const figures = new Map<string, object[]>()
    for (const [period, tallies] of books.close(Infinity)) {
      for (const [id, { uptime, coverage, observedMs, downMs, downtimes }] of this.#rows(
        period,
        tallies,
        until,
      )) {
        const { unit, label } = period
        const figure = { unit, label, uptime, coverage, observedMs, downMs, downtimes }
        figures.set(id, [...(figures.get(id) ?? []), figure])
      }
    }
    return figures
  }

  /** Adds versions of what has changed in closed periods, oldest first. */
  async #restateTouched(touched: ReadonlyMap<string, readonly Touch[]>, at: number): Promise<void> {
    const periods = new Map<string, { period: CalendarPeriod; because: Reasons }>()
    for (const [id, touches] of touched) {
      for (const { from, to, because } of touches) {
        for (const period of periodsOf(this.#scene, { from, until: to })) {
          if (period.end > at) continue
          const key = `${period.unit} ${period.label}`
          const entry = periods.get(key) ?? { period, because: new Map() }
          entry.because.set(id, new Set(entry.because.get(id)).add(because))
          periods.set(key, entry)
        }
      }
    }
    const inOrder = [...periods.values()].sort((a, b) => a.period.end - b.period.end)
    for (const { period, because } of inOrder) await this.#restate(period, because)
  }

  /** Counts a closed period anew, for those that there is a reason for and their groups. */
  async #restate(period: CalendarPeriod, because: Reasons): Promise<void> {
    const { groups } = this.#settings
    const stretch = { from: period.start, until: period.end }
    const present = monitoredIn(this.#services, stretch)
    const reasons: Reasons = new Map()
    for (const service of present) {
      const own = because.get(service.id)
      if (!own) continue
      for (const id of [service.id, ...groupIds(service, groups)]) {
        reasons.set(id, new Set([...(reasons.get(id) ?? []), ...own]))
      }
    }
    const isNeeded = (service: ServiceRecord) =>
      [service.id, ...groupIds(service, groups)].some((id) => reasons.has(id))
    const books = new Books(this.#scene)
    await books.countInto([period], present.filter(isNeeded), stretch)
    for (const [, tallies] of books.close(Infinity)) {
      const rows = this.#rows(period, tallies, period.end)
      const whose = (id: string) => reasons.get(id.replace(/ (mean|all-up)$/, ''))
      for (const id of rows.keys()) if (!whose(id)) rows.delete(id)
      await this.#record.restate(rows, (id) => [...whose(id)!].slice(0, 5), this.#now)
    }
  }

  #rows(period: CalendarPeriod, tallies: ReadonlyMap<string, Tally>, until: number): Map<string, SlaRow> {
    const { policy, objective, groups } = this.#settings
    const { unit, label, start, end, zone } = period
    const shown = { unit, label, start, end, zone }
    return rowsOf(tallies, this.#services, {
      period: shown,
      until,
      policy,
      objective,
      groups,
      asOf: this.#cursor,
    })
  }

  #stateAt(at: number, gaps: Record<string, number> = {}): SlaState {
    const services = this.#services.map(({ id }) => id)
    return { cursor: this.#cursor, at, runs: within(this.#scene.runs, at), services, gaps }
  }

  async #openGaps(): Promise<Record<string, number>> {
    const gaps: Record<string, number> = {}
    for await (const { service, start } of this.#storage.gaps({ open: true })) gaps[service] = start
    return gaps
  }
}
