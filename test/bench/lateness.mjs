// How late checks start: ten thousand services every ten seconds, real HTTP checks, storage and all.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRunner, http, sqliteStorage } from 'uptimeserver'
import { percentile } from './numbers.mjs'

const SERVICES = 10_000
const EVERY = 10_000

export async function latenessRows({ certificate, key, seconds }) {
  const target = fork(`${import.meta.dirname}/target.mjs`, [certificate, key])
  const [ports] = await once(target, 'message')
  const rows = []
  for (const consolidating of [false, true])
    rows.push(await row({ port: ports.http, seconds, consolidating }))
  target.kill()
  return rows
}

async function row({ port, seconds, consolidating }) {
  const child = fork(import.meta.filename)
  child.send({ port, seconds, consolidating })
  const [{ lateness, skipped, checks, turns }] = await once(child, 'message')
  await once(child, 'exit')
  const p99 = percentile(lateness, 0.99)
  const also = consolidating ? `, consolidated ${turns} times meanwhile` : ''
  return {
    what: `lateness, ${SERVICES.toLocaleString('en')} services every ${EVERY / 1000} s (${checks.toLocaleString('en')} checks, ${skipped} skipped)${also}`,
    against: 'schedule',
    ours: `p50 ${percentile(lateness, 0.5)} ms, p99 ${p99} ms, max ${Math.max(...lateness)} ms`,
    theirs: '0 ms',
    value: skipped ? Number.POSITIVE_INFINITY : p99,
    target: 5,
    unit: 'ms p99, none skipped',
  }
}

async function measure({ port, seconds, consolidating }) {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
  const runner = createRunner({
    storage: sqliteStorage({ path: join(folder, 'uptime.db') }),
    every: EVERY,
    concurrency: 1_000,
    services: Array.from({ length: SERVICES }, (_, index) =>
      http(`http://127.0.0.1:${port}/${index}`, { name: `s${index}` }),
    ),
  })
  const lateness = []
  const counts = new Map()
  let counting = false
  runner.on('check', ({ service: { id }, at }) => {
    if (!counting) return
    const phase = Math.floor((Number.parseInt(id.slice(0, 8), 16) / 2 ** 32) * EVERY)
    const late = (((at - phase) % EVERY) + EVERY) % EVERY
    // Times are cut to whole milliseconds, so one that is exact may look a millisecond early.
    lateness.push(late > EVERY / 2 ? 0 : late)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  })
  await runner.start()
  await new Promise((resolve) => setTimeout(resolve, 2 * EVERY))
  counting = true
  // Sixty times as often as by default: what it does to the schedule is to be seen.
  let turns = 0
  const consolidate = () => runner.consolidate('sla').then(() => turns++)
  const timer = consolidating ? setInterval(consolidate, 10_000) : undefined
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  clearInterval(timer)
  counting = false
  await runner.stop()
  rmSync(folder, { recursive: true })
  const least = Math.floor((seconds * 1_000) / EVERY)
  const skipped =
    SERVICES * least - [...counts.values()].reduce((sum, count) => sum + Math.min(count, least), 0)
  return { lateness, skipped, checks: lateness.length, turns }
}

if (process.argv[1] === import.meta.filename) {
  process.once('message', async (options) => {
    process.send(await measure(options), () => process.exit())
  })
}
