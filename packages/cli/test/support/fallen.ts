import type { Facts } from '@uptimeserver/core'
import { type AncestorDatabase, DAY, HOUR, SECOND } from './ancestor.js'

/** Midnight in Montreal, whose clocks the ancestor went by. */
export const at = (text: string) => Date.parse(text)
export const BEGIN = at('2017-10-01T00:00:00-04:00')
/** Nothing proves that it ran from the figures of this midnight … */
export const OFF = at('2017-11-03T00:00:03-04:00')
/** … to the downtime that it closed when it was back. */
export const ON = at('2017-11-06T10:00:00-05:00')
export const END = at('2017-11-20T00:00:03-04:00')
/** When it let go of Elasticsearch, while that was down. */
export const GONE = at('2017-10-20T12:00:00Z')

const RACE = at('2017-11-10T03:00:00Z')
const STALE = at('2017-11-12T06:00:00Z')
const SEARCH = at('2017-10-19T12:00:00Z')

/** The facts behind that database, as they were meant: what its figures must come to. */
export const RUNS = [
  { start: BEGIN, end: OFF },
  { start: ON, end: END },
]

const watched = (downtimes: Facts['downtimes'], start = BEGIN, end = END): Facts => ({
  ...{ monitored: [{ start, end }], runs: RUNS, downtimes },
})

const PROD = [
  { start: at('2017-10-02T10:00:00.250Z'), end: at('2017-10-02T10:05:30.875Z') },
  { start: at('2017-10-31T23:00:00Z'), end: at('2017-11-01T06:00:00Z') },
  // These two overlap.
  { start: at('2017-10-09T08:00:00Z'), end: at('2017-10-09T10:00:00Z') },
  { start: at('2017-10-09T09:00:00Z'), end: at('2017-10-09T11:00:00Z') },
  // It outlasted the time in which nobody looked.
  { start: at('2017-11-02T20:00:00Z'), end: at('2017-11-06T15:00:00Z') },
]

export const SITE = 'https://orders.cloud.example.com/health'
export const MEANT: Readonly<Record<string, Facts>> = {
  'MongoDB Prod': watched(PROD),
  [SITE]: watched([{ start: RACE, end: END }], at('2017-10-05T07:00:00Z')),
  'Kubernetes AWS': watched([
    { start: STALE, end: END },
    { start: STALE + DAY, end: STALE + DAY + HOUR },
  ]),
  'Elasticsearch AWS': watched([{ start: SEARCH, end: GONE }], BEGIN, GONE),
  cache: watched([]),
}

/** Ids of what the tests ask for by name. */
export interface Fallen {
  readonly stale: string
  readonly race: string
  readonly raceTwin: string
  readonly orphan: string
}

/** A database with everything that goes wrong in one. */
export async function fill(ancestor: AncestorDatabase): Promise<Fallen> {
  const prod = await ancestor.service(BEGIN, 'Mongo', 'MongoDB Prod')
  const twin = await ancestor.service(BEGIN + DAY, 'Mongo', 'MongoDB Prod')
  const site = await ancestor.service(at('2017-10-05T07:00:00Z'), 'Ingress', SITE, {
    ...{ category: 'ns', ns: 'orders', status: 1, status_public: 0 },
  })
  const nodes = await ancestor.service(BEGIN, 'Kubernetes', 'Kubernetes AWS')
  const search = await ancestor.service(BEGIN, 'Elasticsearch', 'Elasticsearch AWS', { status: 1 })
  const cache = await ancestor.service(BEGIN, 'Mongo', 'cache', { status: 1 })
  const ftp = await ancestor.service(BEGIN, 'Ftp', 'files')
  await ancestor.service(BEGIN, 'Mongo', undefined)
  for (const [index, { start, end }] of PROD.entries())
    await ancestor.downtime(index === 1 ? twin : prod, start, end)
  await ancestor.downtime(prod, PROD[0]!.start, PROD[0]!.end)
  await ancestor.downtime(prod, at('2017-10-12T10:00:00Z'), at('2017-10-12T09:00:00Z'))
  await ancestor.downtime(prod, at('2017-10-13T10:00:00Z'), at('2017-10-13T10:00:00Z'))
  const history = (document: object) => ancestor.history(at('2017-10-14T10:00:00Z'), document)
  await history({ _id_uptime: prod, down_start_date: 1_507_975_200.5 })
  await history({ _id_uptime: prod, down_end_date: 1_507_975_260.5 })
  await history({ _id_uptime: prod, down_start_date: 'Saturday', down_end_date: 0 })
  await history({ _id_uptime: prod, down_start_date: 1_507_975_200, down_end_date: 4_102_444_800 })
  await ancestor.downtime(ftp, BEGIN + HOUR, BEGIN + 2 * HOUR)
  const orphan = await ancestor.downtime(ancestor.id(BEGIN), BEGIN + HOUR, BEGIN + 2 * HOUR)
  const race = await ancestor.downtime(site, RACE, null, { status_code: 503, text: 'a whole page' })
  const raceTwin = await ancestor.downtime(site, RACE + 400, null, { status_code: 503 })
  const stale = await ancestor.downtime(nodes, STALE, null, { ready: 1, unknown: 2 })
  const exception = 'timed out: mongodb://admin:hunter2@10.0.0.1:27017/'
  await ancestor.downtime(nodes, STALE + DAY, STALE + DAY + HOUR, { exception })
  await ancestor.downtime(search, SEARCH, null)
  const alive = { _id: ancestor.id(BEGIN), date: END / SECOND }
  await ancestor.db.collection('instance_state').insertOne(alive)
  await ancestor.db.collection('consolidation_state').insertOne({ state: 'daily', next: END / SECOND })
  for (const service of [prod, site, nodes, search, cache]) await addFigures(ancestor, service)
  await ancestor.figure('daily', ftp, BEGIN, BEGIN + DAY, 100)
  await ancestor.figure('daily', prod, BEGIN, BEGIN + DAY, 'unknown')
  return Object.fromEntries(
    Object.entries({ stale, race, raceTwin, orphan }).map(([name, id]) => [name, id.toHexString()]),
  ) as unknown as Fallen
}

/** Each midnight of its clocks, those of the day before; those of days in which it was off all at once, later. */
async function addFigures(ancestor: AncestorDatabase, service: Parameters<AncestorDatabase['theirs']>[0]) {
  for (let day = BEGIN; day + DAY < END; day += DAY) {
    const due = day + DAY + 3 * SECOND
    const made = due > OFF && due < ON ? ON : due
    await ancestor.figure('daily', service, day, made, await ancestor.theirs(service, day, DAY))
  }
  const [month, length] = [BEGIN, 31 * DAY]
  await ancestor.figure(
    'monthly',
    service,
    month,
    month + length,
    await ancestor.theirs(service, month, length),
  )
}
