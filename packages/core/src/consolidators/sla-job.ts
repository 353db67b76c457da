import type { CalendarPeriod, CalendarUnit } from '../calendar/calendar.js'
import type {
  ConsolidatorContext,
  Cursor,
  Logger,
  Objective,
  ServiceRecord,
  ServiceSelector,
  Storage,
} from '../contracts.js'
import { titleOf } from '../describe.js'
import type { Policy } from '../figures/availability.js'
import type { SlaRow } from '../figures/figures.js'
import { readRuns } from '../figures/grounds.js'
import { type GroupBy, groupIds } from '../figures/groups.js'
import { Pace } from '../figures/pace.js'
import { rowsOf, wasMonitored } from '../figures/rows.js'
import type { Stretch } from '../figures/stretch.js'
import type { Tally } from '../figures/tally.js'
import { reasonOf } from '../outcome.js'
import { choose } from '../schema/selector.js'
import type { Scene } from './sla-books.js'
import { SlaCalendar } from './sla-calendar.js'
import { reportPrefix, SlaRecord } from './sla-record.js'

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

/** What one consolidation works with: it is all read at its beginning, and stays as it is. */
export class SlaJob {
  readonly storage: Storage
  readonly settings: SlaSettings
  readonly record: SlaRecord
  readonly services: readonly ServiceRecord[]
  readonly scene: Scene
  /** The log was read up to here, at least. */
  readonly cursor: Cursor
  readonly now: number
  readonly pace: Pace
  readonly log: Logger

  static async begin(storage: Storage, context: ConsolidatorContext, settings: SlaSettings): Promise<SlaJob> {
    // First the cursor: what becomes known while the rest is read is found again the next time.
    const cursor = await storage.cursor()
    const services = choose(await storage.services({ removed: true }), settings.filter, context.log)
    const calendar = new SlaCalendar(settings.zone, settings.periods)
    const pace = new Pace(context.signal)
    const scene = { reader: storage, runs: await readRuns(storage), calendar, groups: settings.groups, pace }
    return new SlaJob(storage, context, settings, cursor, services, scene)
  }

  private constructor(
    storage: Storage,
    { clock, log }: ConsolidatorContext,
    settings: SlaSettings,
    cursor: Cursor,
    services: readonly ServiceRecord[],
    scene: Scene,
  ) {
    this.storage = storage
    this.settings = settings
    this.services = services
    this.scene = scene
    this.cursor = cursor
    this.now = clock.now()
    this.pace = scene.pace
    this.record = new SlaRecord(storage, reportPrefix(settings.name, settings), this.pace, log)
    this.log = log
  }

  monitoredIn({ from, until }: Stretch): ServiceRecord[] {
    return this.services.filter((service) => wasMonitored(service, { start: from, end: until }))
  }

  /** What a service is counted for: itself, and its groups. */
  idsOf(service: ServiceRecord): string[] {
    return [service.id, ...groupIds(service, this.settings.groups)]
  }

  rows(
    period: CalendarPeriod,
    tallies: ReadonlyMap<string, Tally>,
    until: number,
  ): Generator<[id: string, row: SlaRow]> {
    const { policy, objective, groups } = this.settings
    const of = { period, until, policy, objective, groups, asOf: this.cursor }
    return rowsOf(tallies, this.services, of, (service, error) =>
      this.log.error(`no figure for ${titleOf(service)}: ${reasonOf(error)}`),
    )
  }
}
