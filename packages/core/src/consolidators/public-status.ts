import * as v from 'valibot'
import type {
  Consolidator,
  ConsolidatorContext,
  Schedule,
  Scope,
  ServiceRecord,
  ServiceSelector,
  Storage,
} from '../contracts.js'
import { type Duration, parseDuration } from '../duration.js'
import { durationBetween, keyName } from '../schema/options.js'
import { definePlugin } from '../schema/plugin.js'
import { choose, serviceSelector } from '../schema/selector.js'
import { newsSince } from './status-news.js'
import { type PublicServiceStatus, StatusRecord } from './status-record.js'
import { type Present, readPresent, readUpSince } from './status-view.js'

export interface PublicStatusOptions {
  /** What it is called; it is kept under this name. Default `status`. */
  readonly name?: string
  /** Which services may be shown. Default: all. */
  readonly filter?: ServiceSelector
  /** A downtime that is shorter than this is still shown as up. Default `0`: all are shown. */
  readonly downSince?: Duration
  /** How often. Default `'30s'`. */
  readonly schedule?: Schedule
}

const schema = v.strictObject({
  name: v.optional(keyName),
  filter: v.optional(serviceSelector),
  downSince: v.optional(durationBetween(0)),
  schedule: v.optional(v.custom<Schedule>(() => true)),
})

/**
 * What may be shown to the public: whether a service is up, and since when; no reasons, no addresses. Read it with
 * `createReports(storage).publicStatus()`.
 *
 * @example
 * publicStatus({ filter: { categories: ['shop'] }, downSince: '10m' })
 */
export const publicStatus = definePlugin<PublicStatusOptions, Consolidator>({
  name: 'status',
  schema: schema as never,
  create: (options) => new PublicStatus(options),
})

class PublicStatus implements Consolidator {
  readonly name: string
  readonly schedule: Schedule
  readonly #filter: ServiceSelector | undefined
  readonly #downSinceMs: number
  /** Whether all were looked at with this filter. */
  #isWhole = false

  constructor({ name = 'status', filter, downSince = 0, schedule = '30s' }: PublicStatusOptions) {
    this.name = name
    this.schedule = schedule
    this.#filter = filter
    this.#downSinceMs = parseDuration(downSince)!
  }

  /** Writes what has changed: looks at what is open, and at the past of those that something is new of. */
  async consolidate(storage: Storage, { log, clock, signal }: ConsolidatorContext, scope: Scope = {}) {
    const [cursor, at] = [await storage.cursor(), clock.now()]
    const record = new StatusRecord(storage, this.name)
    const state = await record.state()
    const present = await readPresent(storage, at, this.#downSinceMs)
    const isComparable = state?.silent === present.silent
    const news = isComparable ? await newsSince(storage, state, at, this.#downSinceMs) : undefined
    const some = this.#isWhole && !scope.filter ? news : undefined
    signal.throwIfAborted()
    const before = await record.rows(some)
    const shown = choose(await storage.services(some && { ids: [...some] }), this.#filter, log)
    const wanted = choose(shown, scope.filter, log)
    const isSure = ({ id }: ServiceRecord) => before.get(id)?.status === 'up' && news?.has(id) === false
    const unsure = wanted.filter((service) => !present.of(service.id) && !isSure(service))
    const upSince = await readUpSince(storage, unsure, this.#downSinceMs)
    const changes: [id: string, row: PublicServiceStatus | null][] = []
    for (const service of wanted) {
      const known = before.get(service.id)
      const row = rowOf(service, present, upSince.get(service.id) ?? known?.since ?? at)
      if (JSON.stringify(row) !== JSON.stringify(known)) changes.push([service.id, row])
    }
    const ids = new Set(shown.map(({ id }) => id))
    for (const id of before.keys()) if (!ids.has(id)) changes.push([id, null])
    const isPartial = scope.filter && state
    await record.write(storage, isPartial ? state : { cursor, at, silent: present.silent }, changes)
    this.#isWhole ||= !scope.filter
  }
}

function rowOf(
  { id, kind, name, category, labels }: ServiceRecord,
  present: Present,
  upSince: number,
): PublicServiceStatus {
  const { status, since } = present.of(id) ?? { status: 'up', since: upSince }
  return { service: id, kind, name, category, labels, status, since }
}
