// One side of a comparison, in a process of its own: a bare loop, or the whole monitor with its storage. Told to run,
// it warms up, makes checks at a rate for a while, and answers with what they cost.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRunner, http, sqliteStorage } from 'uptimeserver'
import { loops } from './loops.mjs'

const SERVICES = 1_000
const WARM_UP = 2_000

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function measured(ms, counted) {
  const before = { cpu: process.cpuUsage(), checks: counted() }
  await sleep(ms)
  const { user, system } = process.cpuUsage(before.cpu)
  const checks = counted() - before.checks
  return { checks, microseconds: (user + system) / checks }
}

async function runLoop(name, options, rate, ms) {
  const check = loops[name]({ ...options, services: SERVICES })
  const state = { made: 0, done: 0, failed: 0, over: false }
  const began = performance.now()
  const tick = () => {
    const due = ((performance.now() - began) * rate) / 1_000
    while (state.made < due)
      check(state.made++).then(
        () => state.done++,
        () => state.failed++,
      )
    if (!state.over) setTimeout(tick, 1)
  }
  tick()
  await sleep(WARM_UP)
  const result = await measured(ms, () => state.done)
  state.over = true
  await sleep(100)
  return { ...result, failed: state.failed }
}

async function runMonitor(kind, { http: port, https, kept, ca }, rate, ms) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
  const urls = {
    fresh: `http://127.0.0.1:${port}/health`,
    tls: `https://127.0.0.1:${https}/health`,
    reuse: `http://127.0.0.1:${kept}/health`,
  }
  const own = { fresh: {}, tls: { tls: { ca } }, reuse: { connection: 'reuse' } }[kind]
  const runner = createRunner({
    storage: sqliteStorage({ path: join(folder, 'uptime.db') }),
    every: (SERVICES / rate) * 1_000,
    concurrency: 1_000,
    services: Array.from({ length: SERVICES }, (_, index) =>
      http(urls[kind], { name: `service ${index}`, ...own }),
    ),
  })
  let done = 0
  let failed = 0
  runner.on('check', ({ ok }) => (ok ? done++ : failed++))
  await runner.start()
  await sleep(WARM_UP + (SERVICES / rate) * 1_000)
  const result = await measured(ms, () => done)
  await runner.stop()
  rmSync(folder, { recursive: true })
  return { ...result, failed }
}

process.on('message', async ({ side, options, rate, ms }) => {
  const isMonitor = side.startsWith('monitor:')
  const result = await (isMonitor
    ? runMonitor(side.slice(8), options, rate, ms)
    : runLoop(side, options, rate, ms))
  process.send(result)
})
process.on('disconnect', () => process.exit())
