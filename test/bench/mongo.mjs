// What MongoDB's storage and check cost beside what the driver does by hand. The server is the tests' own, so absolute figures say
// nothing about MongoDB.
import { createReports, systemClock } from '@uptimeserver/core'
import { mongo } from '@uptimeserver/mongo'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { quietContext } from '@uptimeserver/testing'
import { createJiti } from 'jiti'
import { MongoClient } from 'mongodb'
import { median, ratio } from './numbers.mjs'
import { inOwnProcess } from './own-process.mjs'

const DOWN_AT_ONCE = 10_000
const YEAR = { start: Date.UTC(2025, 0, 1), end: Date.UTC(2026, 0, 1) }
const PINGS = 3_000

export async function mongoRows({ rounds, say }) {
  const { startMongo } = await createJiti(import.meta.url).import('../servers/mongo.ts')
  const server = await startMongo()
  try {
    return await rowsOf(server.url, { rounds, say })
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

async function rowsOf(uri, { rounds, say }) {
  const times = Math.min(rounds, 3)
  const atOnce = await downAtOnce(uri, times)
  const services = rounds > 1 ? 1_000 : 100
  say(`  laying down a year of ${services} services`)
  await layDown(uri, services)
  const year = await eachInOwnProcess(['raw', 'read', 'figures'], uri, times)
  const figures = `MongoDB: figures of a year, ${services.toLocaleString('en')} services × 20 downtimes a month`
  const checks = await eachInOwnProcess(['ping', 'check'], uri, times)
  return [
    {
      what: `MongoDB: ${DOWN_AT_ONCE.toLocaleString('en')} services down at once`,
      against: 'raw ordered bulkWrite of the same documents',
      ours: `${median(atOnce.ours).toFixed(0)} ms`,
      theirs: `${median(atOnce.theirs).toFixed(0)} ms`,
      value: Number(ratio(atOnce.theirs, atOnce.ours).toFixed(2)),
      target: 0.8,
      unit: '× its speed',
      atLeast: true,
    },
    row(figures, 'only reading the documents', year, 'figures', 'read', 'ms', 1.3),
    row('the same', 'a bare cursor over the downtimes', year, 'figures', 'raw', 'ms'),
    row('MongoDB: CPU per check', 'a bare ping loop', checks, 'check', 'ping', 'µs', 1.3),
  ]
}

function row(what, against, results, ours, theirs, unit, target) {
  const [our, their] = [results[ours], results[theirs]]
  const shown = (values) => `${median(values).toFixed(0)} ${unit}`
  return { what, against, ours: shown(our), theirs: shown(their), ratio: ratio(our, their), target }
}

const ids = (count) => Array.from({ length: count }, (_, index) => index.toString(16).padStart(16, '0'))
const added = (id) => ({
  type: 'service-added',
  id: `a-${id}`,
  at: 1,
  service: { id, kind: 'http', name: id, sources: ['config'] },
})
const down = (id, index, start) => ({
  ...{
    type: 'down',
    id: `abcdefghij-${index.toString(36)}`,
    at: start,
    run: 'abcdefghij',
    service: id,
    start,
  },
  reason: 'connect ECONNREFUSED 127.0.0.1:8080',
})

async function opened(uri, db) {
  const storage = mongoStorage({ uri, db })
  await storage.open(quietContext(), { monitor: 'default' })
  return storage
}

/** In batches of the size that the runner makes. */
async function downAtOnce(uri, rounds) {
  const [ours, theirs] = [[], []]
  const client = new MongoClient(uri)
  for (let round = 0; round <= rounds; round++) {
    const storage = await opened(uri, `once_${round}`)
    const all = ids(DOWN_AT_ONCE)
    await storage.record(all.map(added))
    const facts = all.map((id, index) => down(id, index, 1_767_225_600_000 + index))
    const batches = [facts.slice(0, 5_000), facts.slice(5_000)]
    let began = performance.now()
    for (const batch of batches) await storage.record(batch, { term: 1 })
    ours.push(performance.now() - began)
    const documents = await documentsOf(client.db(`once_${round}`))
    await storage.close()
    const raw = await opened(uri, `raw_${round}`)
    await raw.record(all.map(added))
    await raw.close()
    const database = client.db(`raw_${round}`, { writeConcern: { w: 'majority', journal: true } })
    began = performance.now()
    for (const [name, list] of documents)
      for (const part of list)
        await database.collection(name).bulkWrite(
          part.map((document) => ({ insertOne: { document } })),
          { ordered: true },
        )
    theirs.push(performance.now() - began)
  }
  await client.close()
  return { ours: ours.slice(1), theirs: theirs.slice(1) }
}

/** What was written for it: the log's entries, and a downtime for each service. */
async function documentsOf(database) {
  const log = await database
    .collection('uptime_log')
    .find({ seq: { $gt: 1 } })
    .toArray()
  const downtimes = await database.collection('uptime_downtimes').find().toArray()
  return [
    ['uptime_log', log.map((entry) => [entry])],
    ['uptime_downtimes', [downtimes.slice(0, 5_000), downtimes.slice(5_000)]],
  ]
}

async function layDown(uri, services) {
  const storage = await opened(uri, 'year')
  const all = ids(services)
  const alive = (at) => ({ type: 'alive', id: `l-${at}`, at, run: 'abcdefghij', start: YEAR.start })
  await storage.record([alive(YEAR.start), ...all.map(added)])
  await storage.record([alive(YEAR.end)])
  await storage.close()
  const client = new MongoClient(uri)
  const count = 240
  const every = (YEAR.end - YEAR.start) / count
  for (let k = 0; k < count; k++) {
    const documents = all.map((service, index) => {
      const id = `d${k}-${index}`
      const start = Math.floor(YEAR.start + every * (k + ((index * 7919) % 1_000) / 1_200))
      const span = {
        start: new Date(start),
        end: new Date(start + 30_000 + ((index * 104_729 + k) % 600_000)),
      }
      return {
        _id: `default:${id}`,
        monitor: 'default',
        id,
        service,
        ...span,
        reason: 'status 503, expected 2xx',
      }
    })
    await client.db('year').collection('uptime_downtimes').insertMany(documents)
  }
  await client.close()
}

async function eachInOwnProcess(modes, uri, rounds) {
  const results = Object.fromEntries(modes.map((mode) => [mode, []]))
  for (let round = 0; round < rounds; round++) {
    for (const mode of modes) {
      results[mode].push(await inOwnProcess(import.meta.filename, mode, uri))
    }
  }
  return results
}

const MODES = {
  async raw(uri) {
    const client = new MongoClient(uri)
    const span = { start: { $gte: new Date(YEAR.start), $lt: new Date(YEAR.end) } }
    const began = performance.now()
    const cursor = client
      .db('year')
      .collection('uptime_downtimes')
      .find({ monitor: 'default', ...span })
    for await (const _ of cursor.sort({ start: 1, id: 1 }).batchSize(1_000));
    const ms = performance.now() - began
    await client.close()
    return ms
  },
  /** As the figures ask for them. */
  async read(uri) {
    const storage = await opened(uri, 'year')
    const query = { from: YEAR.start, to: YEAR.end }
    const began = performance.now()
    await storage.services()
    for (const documents of [storage.runs(query), storage.gaps(query), storage.downtimes(query)])
      for await (const _ of documents);
    const ms = performance.now() - began
    await storage.close()
    return ms
  },
  async figures(uri) {
    const storage = await opened(uri, 'year')
    const clock = { ...systemClock, now: () => YEAR.end + 86_400_000 }
    const began = performance.now()
    await createReports(storage, { clock }).sla({
      period: { unit: 'year', label: '2025' },
      groupBy: ['category'],
    })
    const ms = performance.now() - began
    await storage.close()
    return ms
  },
  async ping(uri) {
    const client = new MongoClient(uri)
    const ping = () => client.db('admin').command({ ping: 1 })
    const microseconds = await cpuOf(ping)
    await client.close()
    return microseconds
  },
  async check(uri) {
    const service = mongo(uri, { name: 'it' })
    const microseconds = await cpuOf(() => service.check(quietContext(new AbortController().signal)))
    await service.close()
    return microseconds
  },
}

async function cpuOf(work) {
  for (let i = 0; i < 500; i++) await work()
  const before = process.cpuUsage()
  for (let i = 0; i < PINGS; i++) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / PINGS
}

if (process.argv[1] === import.meta.filename) {
  const value = await MODES[process.argv[2]](process.argv[3])
  process.send(value, () => process.exit())
}
