// Nine services of ten hang: how soon the tenth is found down, beside a monitor of whose services none hangs.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { quietContext } from '@uptimeserver/testing'
import { createRunner, http, sqliteStorage } from 'uptimeserver'
import { HangingWatch } from './hanging-watch.mjs'
import { median, percentile } from './numbers.mjs'

const FULL = { services: 10_000, every: 10_000, retryEvery: 5_000, timeout: 5_000, concurrency: 1_000 }
const QUICK = { services: 2_000, every: 5_000, retryEvery: 1_000, timeout: 1_500, concurrency: 200 }
const ROUNDS = 2
/** How long a fault may take to be found, in intervals: what was not found by then is counted as that late. */
const PATIENCE = 30

export async function hangingRows({ rounds, say }) {
  const size = rounds > 1 ? FULL : QUICK
  const results = { hanging: [], none: [] }
  for (let round = 1; round <= Math.min(rounds, ROUNDS); round++)
    for (const side of Object.keys(results)) {
      const result = await inOwnProcesses({ ...size, isHanging: side === 'hanging' })
      results[side].push(result)
      say(`  round ${round}: ${side}: ${toldOf(result)}`)
    }
  return rowsOf(results, size)
}

async function inOwnProcesses(options) {
  const target = fork(`${import.meta.dirname}/faulty-target.mjs`)
  const [{ port }] = await once(target, 'message')
  const monitor = fork(import.meta.filename, { execArgv: ['--expose-gc'] })
  target.on('message', (said) => monitor.send(said))
  monitor.send({ ...options, port })
  const result = await new Promise((resolve) => {
    monitor.on('message', ({ faults, result }) => (faults ? target.send(faults) : resolve(result)))
  })
  await once(monitor, 'exit')
  target.kill()
  return result
}

function toldOf({ found, lateness, skipped, seconds, hanging, waited, gaps, memory }) {
  const delays = Object.entries(found).map(([kind, list]) => `${kind}: ${p50And99(list)}`)
  const held = memory.map(({ live, rss }) => `${live.toFixed(1)} of ${rss.toFixed(0)} MB`)
  const late = `late: ${p50And99(lateness)}, ${skipped} skipped`
  const slow = `in ${seconds.toFixed(0)} s ${hanging} checks of hanging ones, ${waited} late, ${gaps} gaps`
  return `${delays.join('; ')}; ${late}; ${slow}; ${held.join(' → ')}`
}

function rowsOf({ hanging, none }, size) {
  const { services, every, timeout } = size
  const [many, most] = [services, services * 0.9].map((count) => count.toLocaleString('en'))
  const what = `${most} of ${many} services hang (every ${every / 1_000} s, timeout ${timeout / 1_000} s)`
  return [
    ...foundRows(what, 'wrong', 'answers wrongly', hanging, none),
    ...foundRows('the same', 'none', 'stops answering', hanging, none),
    latenessRow(hanging, none),
    checkedRow(hanging, size),
    gapsRow(hanging),
    memoryRow('live', 'live objects', hanging, none),
    memoryRow('rss', 'resident memory', hanging, none),
  ]
}

const greatest = (values) => values.reduce((a, b) => Math.max(a, b), 0)
const all = (results, pick) => results.flatMap(pick)
const p50And99 = (values) =>
  `p50 ${Math.round(percentile(values, 0.5))} ms, p99 ${Math.round(percentile(values, 0.99))} ms`

function foundRows(what, kind, does, hanging, none) {
  const [ours, theirs] = [hanging, none].map((results) => all(results, ({ found }) => found[kind]))
  const first = `${what}; one of the others ${does}, until it is down in the storage: median`
  return [0.5, 0.99].map((share) => ({
    what: share === 0.5 ? first : 'the same: p99',
    against: 'none hangs',
    ours: `${Math.round(percentile(ours, share))} ms`,
    theirs: `${Math.round(percentile(theirs, share))} ms`,
    ratio: percentile(ours, share) / percentile(theirs, share),
    target: 1.1,
  }))
}

function latenessRow(hanging, none) {
  const [ours, theirs] = [hanging, none].map((results) => all(results, ({ lateness }) => lateness))
  const skipped = hanging.reduce((sum, result) => sum + result.skipped, 0)
  const p99 = percentile(ours, 0.99)
  return {
    what: `the same, lateness of the others (${ours.length.toLocaleString('en')} checks, ${skipped} skipped)`,
    against: 'none hangs',
    ours: `${p50And99(ours)}, max ${greatest(ours)} ms`,
    theirs: `${p50And99(theirs)}, max ${greatest(theirs)} ms`,
    value: skipped ? Number.POSITIVE_INFINITY : p99,
    target: 5,
    unit: 'ms p99, none skipped',
  }
}

/** Four fifths of the slots, each taken for as long as a check may take, are what hanging services can get. */
function checkedRow(results, { concurrency, timeout }) {
  const rate = median(results.map(({ hanging, seconds }) => hanging / seconds))
  const allowed = (concurrency * 0.8) / (timeout / 1_000)
  return {
    what: 'the same, checks of those that hang',
    against: 'what their slots allow',
    ours: `${rate.toFixed(0)}/s`,
    theirs: `${allowed.toFixed(0)}/s`,
    ratio: rate / allowed,
    target: 0.9,
    atLeast: true,
  }
}

function gapsRow(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  return {
    what: 'the same, gaps in the storage for checks that waited for longer than an interval',
    against: 'such checks',
    ours: sum('gaps').toLocaleString('en'),
    theirs: sum('waited').toLocaleString('en'),
    ratio: sum('gaps') / sum('waited'),
    target: 1,
    atLeast: true,
  }
}

function memoryRow(key, name, hanging, none) {
  const [ours, theirs] = [hanging, none].map((results) => median(results.map(({ memory }) => memory[1][key])))
  const grown = median(hanging.map(({ memory: [before, after] }) => after[key] - before[key]))
  return {
    what: `the same, ${name} of the monitor (${grown.toFixed(1)} MB more at the end than at the beginning)`,
    against: 'none hangs',
    ours: `${ours.toFixed(1)} MB`,
    theirs: `${theirs.toFixed(1)} MB`,
    ratio: ours / theirs,
  }
}

async function measure({ services, port, isHanging, ...timing }) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
  const path = join(folder, 'uptime.db')
  const paths = Array.from({ length: services }, (_, index) => `/${index}`)
  const runner = createRunner({
    ...timing,
    storage: sqliteStorage({ path }),
    services: paths.map((path) => http(`http://127.0.0.1:${port}${path}`, { name: path })),
  })
  const watch = new HangingWatch(runner, { ...timing, paths, isHanging })
  await told([...watch.hangs].map((path) => [path, 'none']))
  await runner.start()
  const { result, memory } = await watched(watch, timing)
  await runner.stop()
  const gaps = await gapsFor(result.waited, path)
  rmSync(folder, { recursive: true })
  return { ...result, waited: result.waited.length, gaps, memory }
}

async function watched(watch, { every }) {
  await watch.settled()
  const before = held()
  // The same moment of the schedule for both sides, so that each service fails as long before its next check.
  await sleep(every - (Date.now() % every))
  watch.begin()
  const since = await told([...watch.failing])
  await watch.foundAll(PATIENCE * every)
  return { result: watch.result(since), memory: [before, held()] }
}

/** Has the target treat services so from now on. @returns since when it does */
async function told(faults) {
  process.send({ faults })
  const [{ at }] = await once(process, 'message')
  return at
}

function held() {
  globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { live: (heapUsed + external) / 1e6, rss: rss / 1e6 }
}

/** How many of the checks that waited too long are on record, from when they were due until they started. */
async function gapsFor(waited, path) {
  const storage = sqliteStorage({ path })
  await storage.open(quietContext(), { monitor: 'default', readOnly: true })
  const known = new Set()
  for await (const { service, end } of storage.gaps()) known.add(`${service} ${end}`)
  await storage.close()
  return waited.filter(({ id, at }) => known.has(`${id} ${at}`)).length
}

if (process.argv[1] === import.meta.filename) {
  process.once('message', async (options) => {
    process.send({ result: await measure(options) }, () => process.exit())
  })
}
