// node test/nightly/elasticsearch-leak.mjs [--minutes 10]
// 200 clusters checked every 10 s, against a real Elasticsearch, leave nothing behind: no memory, no connections, no timers.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { elasticsearch } from '@uptimeserver/elasticsearch'
import { createJiti } from 'jiti'
import { createRunner, sqliteStorage } from 'uptimeserver'
import { collected, judge, objects } from './support/growth.mjs'

const SERVICES = 200
const EVERY = 10_000
/** What is compiled, cached and set up at first is no leak. */
const WARM_UP = 60_000
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const DURATION = Number(values.minutes) * 60_000

const { startElasticsearch } = await createJiti(import.meta.url).import('../servers/elasticsearch.ts')
const { freePort } = await createJiti(import.meta.url).import('../servers/process.ts')
const server = await startElasticsearch()
const silent = await startSilent()
const folder = mkdtempSync(join(tmpdir(), 'uptime-nightly-'))
try {
  const refused = `http://127.0.0.1:${await freePort()}`
  await watch(servicesOn({ up: server.url, refused, silent: silent.url }))
} finally {
  silent.child.kill()
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
}

/** Of ten one is refused, one answers nothing until its deadline, and one has a host that is not waited for. */
function servicesOn({ up, refused, silent }) {
  const kinds = [
    { name: 'refused', hosts: refused },
    { name: 'silent', hosts: silent, timeout: 2_000 },
    { name: 'half', hosts: [up, silent] },
    { name: 'up', hosts: up },
  ]
  return Array.from({ length: SERVICES }, (_, index) => {
    const { name, ...options } = kinds[Math.min(index % 10, kinds.length - 1)]
    return elasticsearch({ name: `${name} ${index}`, every: EVERY, ...options })
  })
}

async function watch(services) {
  const runner = createRunner({
    storage: sqliteStorage({ path: join(folder, 'uptime.db') }),
    services,
  })
  let checks = 0
  runner.on('check', () => void checks++)
  await runner.start()
  console.log(`${SERVICES} clusters every ${EVERY / 1_000} s for ${DURATION / 60_000} min`)
  await sleep(WARM_UP)
  checks = 0
  const before = await objects()
  const samples = await sample()
  const after = await objects()
  console.log(`${checks} checks`)
  expectStatuses(runner.status())
  await runner.stop()
  for (const { line, isOver } of judge(samples, before, after)) {
    console.log(`${isOver ? 'GREW ' : 'ok   '}${line}`)
    if (isOver) process.exitCode = 1
  }
}

/** Otherwise something else was measured. */
function expectStatuses(statuses) {
  for (const { name, status } of statuses) {
    const expected = /^(refused|silent)/.test(name) ? 'down' : 'up'
    if (status !== expected) throw new Error(`${name} is ${status}, expected ${expected}`)
  }
}

async function sample() {
  const samples = []
  const end = performance.now() + DURATION
  for (let turn = 1; performance.now() < end; turn++) {
    await sleep(Math.min(EVERY, end - performance.now()))
    samples.push({ at: performance.now(), ...(await collected()) })
    const { heap, rss, fds, handles } = samples.at(-1)
    if (turn % 6 === 0)
      console.log(`  ${turn * 10} s: heap ${mb(heap)}, rss ${mb(rss)}, ${fds} fds, ${handles} handles`)
  }
  return samples
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

/** In a process of its own, so that its connections are not counted here. */
async function startSilent() {
  const code = `require('net').createServer((socket) => socket.on('error', () => undefined))
    .listen(0, '127.0.0.1', function () { process.send(this.address().port) })`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [port] = await once(child, 'message')
  return { child, url: `http://127.0.0.1:${port}` }
}
