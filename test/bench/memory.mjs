// Memory per service: a monitor with ten thousand against a Node process that does nothing.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SERVICES = 10_000

export async function memoryRows({ certificate, key }) {
  const target = fork(`${import.meta.dirname}/target.mjs`, [certificate, key])
  const [ports] = await once(target, 'message')
  const empty = await measureIn({ services: 0, port: 0 })
  const one = await measureIn({ services: 1, port: ports.http })
  const many = await measureIn({ services: SERVICES, port: ports.http })
  target.kill()
  const perService = (from, key) => (many[key] - from[key]) / SERVICES / 1024
  const row = (what, key, from, note, target) => ({
    what: `memory per service at ${SERVICES.toLocaleString('en')}, ${what}`,
    against: note,
    ours: `${(many[key] / 1e6).toFixed(1)} MB`,
    theirs: `${(from[key] / 1e6).toFixed(1)} MB`,
    value: Number(perService(from, key).toFixed(2)),
    target,
    unit: 'KB',
  })
  return [
    row('live objects', 'live', empty, 'an empty Node process', 1.5),
    row('live objects', 'live', one, 'the same monitor with one service', undefined),
    row('resident', 'rss', empty, 'an empty Node process', undefined),
    row('resident', 'rss', one, 'the same monitor with one service', undefined),
  ]
}

async function measureIn(options) {
  const child = fork(import.meta.filename, { execArgv: ['--expose-gc'] })
  child.send(options)
  const [result] = await once(child, 'message')
  await once(child, 'exit')
  return result
}

async function measure({ services, port }) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
  const runner = services && (await startMonitor(folder, services, port))
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  await runner?.stop?.()
  rmSync(folder, { recursive: true })
  return { rss, live: heapUsed + external }
}

async function startMonitor(folder, services, port) {
  const { createRunner, http, sqliteStorage } = await import('uptimeserver')
  const runner = createRunner({
    storage: sqliteStorage({ path: join(folder, 'uptime.db') }),
    every: '60s',
    services: Array.from({ length: services }, (_, index) =>
      http(`http://127.0.0.1:${port}/service/${index}`, { name: `service ${index}`, category: 'web' }),
    ),
  })
  let checks = 0
  runner.on('check', () => checks++)
  await runner.start()
  while (checks < services) await new Promise((resolve) => setTimeout(resolve, 200))
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  return runner
}

if (process.argv[1] === import.meta.filename) {
  process.once('message', async (options) => {
    process.send(await measure(options), () => process.exit())
  })
}
