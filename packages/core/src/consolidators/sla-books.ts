import { type CalendarPeriod, type CalendarUnit, calendarPeriod, periodsTouching } from '../calendar.js'
import type { Reader, ServiceRecord } from '../contracts.js'
import { Group, type GroupBy, groupIds } from '../groups.js'
import { wasMonitored } from '../rows.js'
import type { Spans } from '../spans.js'
import type { Stretch } from '../stretch.js'
import { survey } from '../survey.js'
import { Tally } from '../tally.js'
import type { StoredAccount } from './sla-record.js'

/** What was counted of one subject in one calendar period. */
type Account = Tally<CalendarPeriod>

/** What stays the same over a whole consolidation. */
export interface Scene {
  readonly reader: Reader
  readonly runs: Spans
  readonly zone: string
  readonly units: readonly CalendarUnit[]
  readonly groups: readonly GroupBy[]
  readonly signal: AbortSignal
}

/** The periods under way, of services and of their groups, by id. Counts stretch after stretch into them. */
export class Books {
  readonly accounts = new Map<string, Account[]>()
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Takes up what was put aside. */
  restore(id: string, stored: readonly StoredAccount[]): void {
    const { zone } = this.#scene
    const accounts = stored.map(([unit, label, tally]) => new Tally(calendarPeriod(unit, label, zone), tally))
    this.accounts.set(id, accounts)
  }

  /** Others with the same tallies, to count on without touching these. */
  copy(): Books {
    const copy = new Books(this.#scene)
    for (const [id, accounts] of this.accounts) {
      copy.accounts.set(
        id,
        accounts.map((account) => new Tally(account.period, account.toJSON())),
      )
    }
    return copy
  }

  /** Counts a stretch of time into every period that it touches. */
  count(services: readonly ServiceRecord[], stretch: Stretch): Promise<void> {
    const periods = periodsOf(this.#scene, stretch)
    return this.countInto(periods, services, stretch)
  }

  /** Counts a stretch of time into these periods. */
  async countInto(
    periods: readonly CalendarPeriod[],
    services: readonly ServiceRecord[],
    { from, until }: Stretch,
  ): Promise<void> {
    const { reader, runs, signal } = this.#scene
    const groups = new Map<string, Group>()
    const subjects = services.map((record) => ({
      record,
      tallies: this.#open(record.id, periods),
      groups: groupIds(record, this.#scene.groups).map((id) => {
        const group = groups.get(id) ?? new Group(this.#open(id, periods))
        groups.set(id, group)
        return group
      }),
    }))
    await survey({ reader, runs, from, until, subjects, groups: [...groups.values()], signal })
  }

  /** Takes out what ended by then: periods, oldest first, each with its tallies. */
  close(until: number): [CalendarPeriod, Map<string, Tally>][] {
    const closed = new Map<string, [CalendarPeriod, Map<string, Tally>]>()
    for (const [id, accounts] of this.accounts) {
      const open = accounts.filter((account) => account.period.end > until)
      for (const account of accounts) {
        const { period } = account
        if (period.end > until) continue
        const key = `${period.unit} ${period.label}`
        const entry = closed.get(key) ?? [period, new Map<string, Tally>()]
        entry[1].set(id, account)
        closed.set(key, entry)
      }
      if (open.length !== accounts.length) this.accounts.set(id, open)
    }
    return [...closed.values()].sort(([a], [b]) => a.end - b.end || b.start - a.start)
  }

  #open(id: string, periods: readonly CalendarPeriod[]): Account[] {
    const accounts = this.accounts.get(id) ?? []
    const isOpen = ({ unit, label }: CalendarPeriod) =>
      accounts.some(({ period }) => period.unit === unit && period.label === label)
    const fresh = periods.filter((period) => !isOpen(period)).map((period) => new Tally(period))
    const all = fresh.length ? [...accounts, ...fresh] : accounts
    this.accounts.set(id, all)
    return all
  }
}

export function periodsOf(
  { units, zone }: Pick<Scene, 'units' | 'zone'>,
  { from, until }: Stretch,
): CalendarPeriod[] {
  return units.flatMap((unit) => periodsTouching(unit, { start: from, end: until }, zone))
}

/** Services that were monitored at some time of a stretch. */
export function monitoredIn(services: readonly ServiceRecord[], { from, until }: Stretch): ServiceRecord[] {
  return services.filter((service) => wasMonitored(service, { start: from, end: until }))
}
