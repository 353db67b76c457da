import type { CalendarPeriod } from '../calendar/calendar.js'
import type { Reader, ServiceRecord } from '../contracts.js'
import { Group, type GroupBy, groupIds } from '../figures/groups.js'
import type { Pace } from '../figures/pace.js'
import type { Spans } from '../figures/spans.js'
import type { Stretch } from '../figures/stretch.js'
import { survey } from '../figures/survey.js'
import { Tally } from '../figures/tally.js'
import type { SlaCalendar } from './sla-calendar.js'
import type { RunningPeriod } from './sla-record.js'

/** What was counted of one subject in one calendar period. */
type Account = Tally<CalendarPeriod>

/** What stays the same over a whole consolidation. */
export interface Scene {
  readonly reader: Reader
  readonly runs: Spans
  readonly calendar: SlaCalendar
  readonly groups: readonly GroupBy[]
  readonly pace: Pace
}

/** The periods under way, of services and of their groups, by id. Counts stretch after stretch into them. */
export class Books {
  readonly accounts = new Map<string, Account[]>()
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Takes up what was put aside. */
  restore(id: string, running: readonly RunningPeriod[]): void {
    const { calendar } = this.#scene
    const accounts = running.map(({ unit, label, tally }) => new Tally(calendar.period(unit, label), tally))
    this.accounts.set(id, accounts)
  }

  /** Counts a stretch of time into these periods. */
  async count(
    periods: readonly CalendarPeriod[],
    services: readonly ServiceRecord[],
    { from, until }: Stretch,
  ): Promise<void> {
    const { reader, runs, pace } = this.#scene
    const groups = new Map<string, Group>()
    const groupOf = (id: string) => {
      const group = groups.get(id) ?? new Group(this.#open(id, periods))
      groups.set(id, group)
      return group
    }
    const subjects = services.map((record) => ({
      record,
      tallies: this.#open(record.id, periods),
      groups: groupIds(record, this.#scene.groups).map(groupOf),
    }))
    await survey({ reader, runs, from, until, subjects, groups: [...groups.values()], pace })
  }

  /** Takes out what ended by then: periods, oldest first, each with its tallies. */
  close(until: number): ByPeriod {
    const closed = new Map<string, Account[]>()
    for (const [id, accounts] of this.accounts) {
      const open = accounts.filter(({ period }) => period.end > until)
      if (open.length === accounts.length) continue
      this.accounts.set(id, open)
      closed.set(
        id,
        accounts.filter(({ period }) => period.end <= until),
      )
    }
    return byPeriod(closed)
  }

  #open(id: string, periods: readonly CalendarPeriod[]): Account[] {
    const accounts = this.accounts.get(id) ?? []
    const fresh = periods.filter((wanted) => !accounts.some(({ period }) => period === wanted))
    const all = fresh.length ? [...accounts, ...fresh.map((period) => new Tally(period))] : accounts
    this.accounts.set(id, all)
    return all
  }
}

type ByPeriod = [period: CalendarPeriod, tallies: Map<string, Tally>][]

/** Oldest first, and of those that end together the shortest. */
function byPeriod(books: ReadonlyMap<string, readonly Account[]>): ByPeriod {
  const periods = new Map<CalendarPeriod, Map<string, Tally>>()
  for (const [id, accounts] of books) {
    for (const account of accounts) {
      const tallies = periods.get(account.period) ?? new Map<string, Tally>()
      periods.set(account.period, tallies.set(id, account))
    }
  }
  return [...periods].sort(([a], [b]) => a.end - b.end || b.start - a.start)
}
