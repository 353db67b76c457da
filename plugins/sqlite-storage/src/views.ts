import { type Event, UptimeError } from '@uptimeserver/core'
import type { Row, Value } from './driver.js'
import type { Statements } from './statements.js'

/** Takes facts into the views of one monitor, in the order of the log. Belongs within a transaction. */
export class Views {
  readonly #statements: Statements
  readonly #monitor: string

  constructor(statements: Statements, monitor: string) {
    this.#statements = statements
    this.#monitor = monitor
  }

  /** Takes facts in their order. Returns those that belong into the log: they are new, and no mere sign of life. */
  take(events: readonly Event[]): readonly Event[] {
    const lastSigns = new Map<string, number>()
    const logged = events.filter((event) => {
      if (event.run !== undefined) lastSigns.set(event.run, Math.max(lastSigns.get(event.run) ?? 0, event.at))
      return this.#isNew(event) && this.#apply(event)
    })
    for (const [run, at] of lastSigns) this.run(EXTEND_RUN, at, run)
    return logged
  }

  #isNew(event: Event): boolean {
    if (event.type === 'alive') return !this.get('SELECT 1 FROM run WHERE id = ? AND monitor = ?', event.run)
    return this.run('INSERT OR IGNORE INTO fact (id, monitor) VALUES (?, ?)', event.id) > 0
  }

  #apply(event: Event): true {
    const apply = APPLY[event.type] as ((views: Views, event: Event) => unknown) | undefined
    if (!apply) throw new UptimeError('FACTS_REFUSED', `there is no fact of the type ${String(event.type)}`)
    apply(this, event)
    return true
  }

  /** The monitor is the last parameter of every statement. */
  run(sql: string, ...values: Value[]): number {
    return this.#statements.run(sql, ...values, this.#monitor)
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#statements.get(sql, ...values, this.#monitor)
  }
}

const EXTEND_RUN = 'UPDATE run SET "end" = max("end", ?) WHERE id = ? AND monitor = ?'
const SET_SERVICE = `INSERT INTO service (id, facts, monitor) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET facts = excluded.facts`
const OPEN_MONITORED = `INSERT INTO monitored (service, start, monitor) SELECT service, start, monitor
  FROM (SELECT ? AS service, ? AS start, ? AS monitor) AS new
  WHERE NOT EXISTS (SELECT 1 FROM monitored AS m
    WHERE m.monitor = new.monitor AND m.service = new.service AND m."end" IS NULL)
  ON CONFLICT DO UPDATE SET "end" = NULL`
const CLOSE_MONITORED = 'UPDATE monitored SET "end" = ? WHERE service = ? AND "end" IS NULL AND monitor = ?'
const ADD_DOWNTIME = `INSERT INTO downtime (id, service, start, "end", reason, detail, monitor)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING`
const MEAN_OPEN = `UPDATE fact SET downtime = (SELECT d.id FROM downtime AS d
  WHERE d.monitor = fact.monitor AND d.service = ? AND d."end" IS NULL) WHERE id = ? AND monitor = ?`
const MEANT_DOWNTIME = 'SELECT downtime FROM fact WHERE id = ? AND monitor = ?'
const CLOSE_DOWNTIME = 'UPDATE downtime SET "end" = ? WHERE id = ? AND "end" IS NULL AND monitor = ?'
const ADD_RUN = 'INSERT INTO run (id, start, "end", monitor) VALUES (?, ?, ?, ?)'
const CLOSE_GAP = 'UPDATE gap SET "end" = ? WHERE service = ? AND start = ? AND "end" IS NULL AND monitor = ?'
const ADD_GAP = `INSERT INTO gap (id, service, start, "end", reason, monitor) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING`
const SET_MAINTENANCE = `INSERT INTO maintenance (id, services, start, "end", reason, author, monitor)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET services = excluded.services, start = excluded.start, "end" = excluded."end",
    reason = excluded.reason, author = excluded.author`
const ADD_CORRECTION = `INSERT INTO correction (downtime, event, number, monitor)
  SELECT new.downtime, new.event, (SELECT count(*) FROM correction AS c
    WHERE c.monitor = new.monitor AND c.downtime = new.downtime), new.monitor
  FROM (SELECT ? AS downtime, ? AS event, ? AS monitor) AS new
  WHERE EXISTS (SELECT 1 FROM downtime AS d WHERE d.monitor = new.monitor AND d.id = new.downtime)`

type Apply = { [Type in Event['type']]: (views: Views, event: Extract<Event, { type: Type }>) => unknown }

const APPLY: Apply = {
  'service-added'(views, { service, at }) {
    views.run(SET_SERVICE, service.id, JSON.stringify(service))
    views.run(OPEN_MONITORED, service.id, at)
  },
  'service-changed'(views, { service }) {
    views.run(
      'UPDATE service SET facts = ? WHERE id = ? AND monitor = ?',
      JSON.stringify(service),
      service.id,
    )
  },
  'service-removed'(views, { service, at }) {
    views.run(CLOSE_MONITORED, at, service)
    views.run('DELETE FROM live WHERE key = ? AND monitor = ?', service)
  },
  led() {},
  down(views, { id, service, start, end, reason, detail }) {
    const facts = detail ? JSON.stringify(detail) : null
    const added = views.run(ADD_DOWNTIME, id, service, start, end ?? null, reason, facts)
    if (!added) views.run(MEAN_OPEN, service, id)
  },
  up(views, { downtime, end }) {
    const meant = views.get(MEANT_DOWNTIME, downtime)?.downtime ?? downtime
    views.run(CLOSE_DOWNTIME, end, meant)
  },
  alive(views, { run, start, at }) {
    views.run(ADD_RUN, run, start, at)
  },
  gap(views, { id, service, start, end, reason }) {
    const closed = end !== null && views.run(CLOSE_GAP, end, service, start)
    if (!closed) views.run(ADD_GAP, id, service, start, end, reason)
  },
  maintenance(views, { window, services, start, end, reason, author }) {
    views.run(
      SET_MAINTENANCE,
      window,
      services ? JSON.stringify(services) : null,
      start,
      end,
      reason,
      author ?? null,
    )
  },
  correction(views, event) {
    views.run(ADD_CORRECTION, event.downtime, JSON.stringify(event))
  },
}
