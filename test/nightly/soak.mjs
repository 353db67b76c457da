// node test/nightly/soak.mjs [--hours 168 | --minutes 10 (of real time)] [--speed 100]
// A week of a monitor at a hundred times its speed leaves nothing behind in the process: no memory, no connections, no timers.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { flakyStorage } from '@uptimeserver/testing'
import { createJiti } from 'jiti'
import { createRunner, publicStatus, sla, sqliteStorage } from 'uptimeserver'
import { idle, judge, mb, sample, settledObjects } from './support/soak-judge.mjs'
import { flickering, services } from './support/soak-services.mjs'

const HOUR = 3_600_000
const WEEK = 168 * HOUR
/** What is compiled, cached and set up at first is no leak: this share of it all, and no more than six hours. */
const WARM_UP = 0.4
const MOST_WARM_UP = 6 * HOUR
const SAMPLES = 100
/** The storage takes nothing for a minute, at first and every three hours: what is found meanwhile waits in the journal. */
const TROUBLE = { every: 3 * HOUR, for: 60_000 }

/** What has to be told of, or something else was measured. */
const TOLD = ['check', 'transition', 'services', 'provider', 'storage']
/** How long it may take to deliver what waits, in ms. */
const DELIVERY = 30_000
/** What a process that goes down takes until its last handle is gone, in ms. */
const CLOSING = 500

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '168' },
    minutes: { type: 'string' },
    speed: { type: 'string', default: '100' },
  },
})
const speed = Number(values.speed)
const duration = values.minutes ? Number(values.minutes) * 60_000 * speed : Number(values.hours) * HOUR
const warmUp = Math.min(duration * WARM_UP, MOST_WARM_UP)

const { ScaledClock } = await createJiti(import.meta.url).import('../support/scaled-clock.ts')
const folder = mkdtempSync(join(tmpdir(), 'uptime-soak-'))
const target = fork(join(import.meta.dirname, 'support/soak-target.mjs'), [String(speed)])
try {
  const [ports] = await once(target, 'message')
  const nothing = await idle()
  const clock = new ScaledClock(1)
  await watch(clock, ports)
  await expectNothing(nothing, clock)
} finally {
  target.kill()
  rmSync(folder, { recursive: true })
}

async function watch(clock, ports) {
  const monitor = monitorOf(clock, ports)
  const { runner, storage, told } = monitor
  await runner.start()
  // What it takes is loaded when it is used first.
  await runner.consolidate('sla')
  clock.pace(speed)
  trouble(storage)
  const timer = setInterval(() => trouble(storage), TROUBLE.every / speed)
  await sleep(warmUp / speed)
  const before = await delivered(clock, monitor)
  const samples = await sampled(clock)
  clearInterval(timer)
  storage.heal()
  const after = await delivered(clock, monitor)
  say(judge(samples, { before, after, week: WEEK }))
  clock.pace(1)
  await runner.stop()
  tell(told)
}

function monitorOf(clock, ports) {
  const inner = sqliteStorage({ path: join(folder, 'uptime.db') })
  const storage = Object.assign(flakyStorage(inner), { leases: inner.leases })
  const config = {
    storage,
    services: services(ports),
    providers: [flickering(ports)],
    consolidators: [sla({ schedule: '10m' }), publicStatus()],
    timeout: '10s',
    journal: { folder: 'uptime.journal' },
  }
  const runner = createRunner(config, { clock, folder })
  const told = Object.fromEntries(TOLD.map((name) => [name, 0]))
  for (const name of TOLD) runner.on(name, () => void told[name]++)
  runner.on('error', ({ error }) => {
    told[error.code] = (told[error.code] ?? 0) + 1
  })
  const monitor = { runner, storage, told, waiting: 0 }
  runner.on('storage', ({ waiting }) => {
    monitor.waiting = waiting
  })
  return monitor
}

function trouble(storage) {
  storage.break('fail')
  setTimeout(() => storage.heal(), TROUBLE.for / speed)
}

async function sampled(clock) {
  const samples = []
  for (const end = clock.monotonic() + duration - warmUp; clock.monotonic() < end; ) {
    await sleep((duration - warmUp) / SAMPLES / speed)
    samples.push(await sample(clock))
    const { at, heap, rss, open } = samples.at(-1)
    if (samples.length % 10 === 0)
      console.log(
        `  ${(at / HOUR).toFixed(1)} h: heap ${mb(heap)}, resident ${mb(rss)}, ${JSON.stringify(open)}`,
      )
  }
  return samples
}

/** The objects that stay. What waits goes out first, at the pace that it was made for: a disk is not a hundred times as fast. */
async function delivered(clock, monitor) {
  clock.pace(1)
  const end = performance.now() + DELIVERY
  while (monitor.waiting > 0 && performance.now() < end) await sleep(100)
  const objects = await settledObjects()
  clock.pace(speed)
  return objects
}

/** Everything that was told of at least once, or the soak soaked in something else. */
function tell(told) {
  const { size } = statSync(join(folder, 'uptime.db'))
  console.log(`told of: ${JSON.stringify(told)}; database ${mb(size)}`)
  const silent = TOLD.filter((name) => told[name] === 0)
  if (silent.length) throw new Error(`Nothing was told of: ${silent.join(', ')}.`)
}

/** What was open before there was a monitor is all that is open after it. */
async function expectNothing(nothing, clock) {
  await sleep(CLOSING)
  const left = Object.entries(await idle()).map(([type, count]) => ({
    line: `${type}, after the end: ${count}, before: ${nothing[type] ?? 0}`,
    isOver: count > (nothing[type] ?? 0),
  }))
  say([
    ...left,
    { line: `timers of the monitor, after the end: ${clock.pending}`, isOver: clock.pending > 0 },
  ])
}

function say(findings) {
  for (const { line, isOver } of findings) {
    console.log(`${isOver ? 'GREW ' : 'ok   '}${line}`)
    if (isOver) process.exitCode = 1
  }
}
