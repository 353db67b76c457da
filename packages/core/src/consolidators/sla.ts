import * as v from 'valibot'
import type { CalendarUnit } from '../calendar/calendar.js'
import { zoneSchema } from '../calendar/zones.js'
import type {
  Consolidator,
  ConsolidatorContext,
  Objective,
  Schedule,
  Scope,
  ServiceSelector,
  Storage,
} from '../contracts.js'
import { type Duration, parseDuration } from '../duration.js'
import type { Policy } from '../figures/availability.js'
import type { GroupBy } from '../figures/groups.js'
import { wholePolicy } from '../figures/rows.js'
import { objective } from '../schema/objective.js'
import { durationBetween, keyName } from '../schema/options.js'
import { definePlugin } from '../schema/plugin.js'
import { serviceSelector } from '../schema/selector.js'
import { remake } from './sla-by-hand.js'
import { catchUp } from './sla-consolidation.js'
import { SlaJob, type SlaSettings } from './sla-job.js'

export interface SlaOptions {
  /** What the report is called; its figures are kept under this name. Default `sla`. */
  readonly name?: string
  /** The IANA zone whose days, weeks and months are meant. Default: the config's. */
  readonly zone?: string
  /** Default: all of them. */
  readonly periods?: readonly CalendarUnit[]
  /** The availability aimed at, in percent. Default: the config's. A service's own beats it. */
  readonly objective?: Objective
  /** Default: time that was not observed, and maintenance, count as nothing. */
  readonly policy?: Policy
  /** Which services. Default: all. */
  readonly filter?: ServiceSelector
  /** What services are taken together by. Default `['category']`. */
  readonly groups?: readonly GroupBy[]
  /** How often. Default: six minutes past every hour, when a day that has ended is over for good. */
  readonly schedule?: Schedule
  /** How long after its end a period stays open for facts that come late, 1m to 7d. Default `'5m'`. */
  readonly grace?: Duration
}

export interface SlaConsolidator extends Consolidator {
  /** The rules of the report, with what the config says. */
  settings(config: Pick<ConsolidatorContext, 'zone' | 'objective'>): SlaSettings
}

const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month', 'quarter', 'year']
const rule = v.optional(v.picklist(['exclude', 'up', 'down'], "'exclude', 'up' or 'down'"))
const groupBy = v.custom<GroupBy>(
  (value) => value === 'category' || (typeof value === 'string' && /^label:./.test(value)),
  "'category' or 'label:' and the name of a label",
)

const schema = v.strictObject({
  name: v.optional(keyName),
  zone: v.optional(zoneSchema),
  periods: v.optional(
    v.pipe(v.array(v.picklist(UNITS, `one of ${UNITS.join(', ')}`)), v.nonEmpty('one period at least')),
  ),
  objective: v.optional(objective),
  policy: v.optional(v.strictObject({ unobserved: rule, maintenance: rule })),
  filter: v.optional(serviceSelector),
  groups: v.optional(v.array(groupBy, 'a list')),
  schedule: v.optional(v.custom<Schedule>(() => true)),
  grace: v.optional(durationBetween('1m', '7d')),
})

/**
 * Availability by day, week, month, quarter and year, of every service and group. A period that has closed is frozen as
 * version 1; a fact that arrives later restates it as the next version, with the reason.
 *
 * @example
 * export default defineConfig({
 *   consolidators: [sla({ zone: 'Europe/Berlin', objective: 99.9, groups: ['category', 'label:team'] }), publicStatus()],
 * })
 */
export const sla = definePlugin<SlaOptions, SlaConsolidator>({
  name: 'sla',
  schema: schema as never,
  create: (options) => new Sla(options),
})

/** Whether a consolidator is an `sla()`, whose rules others can ask for. */
export function isSla(consolidator: Consolidator): consolidator is SlaConsolidator {
  return typeof (consolidator as Partial<SlaConsolidator>).settings === 'function'
}

class Sla implements SlaConsolidator {
  readonly name: string
  readonly schedule: Schedule
  readonly #options: SlaOptions

  constructor(options: SlaOptions) {
    this.name = options.name ?? 'sla'
    this.schedule = options.schedule ?? { cron: '6 * * * *', zone: options.zone }
    this.#options = options
  }

  settings(config: Pick<ConsolidatorContext, 'zone' | 'objective'>): SlaSettings {
    const { zone, periods, objective, policy, filter, groups, grace } = this.#options
    return {
      name: this.name,
      zone: zone ?? config.zone,
      periods: periods ?? UNITS,
      policy: wholePolicy(policy),
      objective: objective ?? config.objective,
      filter,
      groups: groups ?? ['category'],
      graceMs: parseDuration(grace ?? '5m')!,
    }
  }

  async consolidate(storage: Storage, context: ConsolidatorContext, scope: Scope = {}): Promise<void> {
    const job = await SlaJob.begin(storage, context, this.settings(context))
    await (scope.range ? remake(job, scope.range, scope.filter) : catchUp(job))
  }
}
