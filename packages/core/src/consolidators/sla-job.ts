import type { CalendarPeriod, CalendarUnit } from '../calendar/calendar.js'
import type {
  ConsolidatorContext,
  Logger,
  Objective,
  Reader,
  ServiceRecord,
  ServiceSelector,
  Storage,
} from '../contracts.js'
import { titleOf } from '../describe.js'
import type { Policy } from '../figures/availability.js'
import type { SlaRow } from '../figures/figures.js'
import { readRuns, settledUntil } from '../figures/grounds.js'
import { type GroupBy, groupIds } from '../figures/groups.js'
import { Pace } from '../figures/pace.js'
import { rowsOf, wasMonitored } from '../figures/rows.js'
import type { Stretch } from '../figures/stretch.js'
import type { Tally } from '../figures/tally.js'
import { reasonOf } from '../outcome.js'
import { choose } from '../schema/selector.js'
import type { Scene } from './sla-books.js'
import { SlaCalendar } from './sla-calendar.js'
import { reportPrefix, SlaRecord, type SlaState } from './sla-record.js'
import { readWindows } from './sla-windows.js'

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

/** What is compared the next time, to find what has become known in between. */
type Known = Omit<SlaState, 'at' | 'runs' | 'early'>

/** What one consolidation works with: it is all read at its beginning, and stays as it is. */
export class SlaJob {
  readonly storage: Storage
  readonly settings: SlaSettings
  readonly record: SlaRecord
  readonly services: readonly ServiceRecord[]
  readonly scene: Scene
  /** What was known when it began; the log was read up to its cursor, at least. */
  readonly known: Known
  readonly now: number
  /** What began earlier cannot be counted any more: facts of before were forgotten. */
  readonly since: number
  /** Up to here nothing is missing any more: the last proof of life of a monitor that runs, or now. */
  readonly alive: number
  readonly pace: Pace
  readonly log: Logger

  static async begin(storage: Storage, context: ConsolidatorContext, settings: SlaSettings): Promise<SlaJob> {
    // First the cursor: what becomes known while the rest is read is found again the next time.
    const cursor = await storage.cursor()
    const gaps = await openGapsIn(storage)
    const windows = await readWindows(storage, context.clock.now())
    const services = choose(await storage.services({ removed: true }), settings.filter, context.log)
    const groupsOf = (service: ServiceRecord) => groupIds(service, settings.groups)
    const known = {
      ...{ cursor, gaps, windows, counted: JSON.stringify([settings.periods, settings.groups]) },
      services: Object.fromEntries(services.map((service) => [service.id, groupsOf(service)])),
    }
    const calendar = new SlaCalendar(settings.zone, settings.periods)
    const pace = new Pace(context.signal)
    const since = (await storage.since?.()) ?? Number.NEGATIVE_INFINITY
    const scene = { reader: storage, runs: await readRuns(storage), calendar, groups: settings.groups, pace }
    return new SlaJob(storage, context, settings, known, services, scene, since)
  }

  private constructor(
    storage: Storage,
    { clock, log }: ConsolidatorContext,
    settings: SlaSettings,
    known: Known,
    services: readonly ServiceRecord[],
    scene: Scene,
    since: number,
  ) {
    this.since = since
    this.storage = storage
    this.settings = settings
    this.services = services
    this.scene = scene
    this.known = known
    this.now = clock.now()
    this.alive = settledUntil(scene.runs, this.now)
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
    const of = { period, until, policy, objective, groups, asOf: this.known.cursor }
    return rowsOf(tallies, this.services, of, (service, error) =>
      this.log.error(`no figure for ${titleOf(service)}: ${reasonOf(error)}`),
    )
  }
}

async function openGapsIn(reader: Reader): Promise<Record<string, number>> {
  const gaps: Record<string, number> = {}
  for await (const { service, start } of reader.gaps({ open: true })) gaps[service] = start
  return gaps
}
