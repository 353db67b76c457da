import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Event, Summary } from '@uptimeserver/core'
import { expect, test } from 'vitest'
import { facts, MINUTE, withStorage } from '../support/history.js'
import { randomFrom } from '../support/random.js'
import { idOf, SERVICES, threeMonths } from '../support/three-months.js'
import { Project, sleep } from '../support/uptime.js'

const BIN = join(import.meta.dirname, '../../packages/cli/dist/bin.js')
const KILLS = 25
const CONFIG = `export default { zone: 'America/New_York', objective: 99.9, services: [] }`

async function projectWith(events: readonly Event[]): Promise<Project> {
  const project = new Project({ 'uptime.config.mjs': CONFIG })
  await withStorage(project.folder, async (storage) => {
    for (let start = 0; start < events.length; start += 500)
      await storage.record(events.slice(start, start + 500))
  })
  return project
}

function frozen(project: Project, versions = false): Promise<Summary[]> {
  return withStorage(project.folder, async (storage) => {
    const list: Summary[] = []
    for await (const summary of storage.summaries({ prefix: 'sla|', versions }))
      if (summary.version > 0) list.push(summary)
    return list
  })
}

/** Figures alone: when they were made and from which entry of the log does not matter. */
const figures = async (project: Project) =>
  (await frozen(project, true)).map(({ key, version, body }) => [key, version, body])

async function killAfter(project: Project, ms: number): Promise<boolean> {
  const child = spawn(process.execPath, [BIN, 'consolidate', 'sla'], { cwd: project.folder, stdio: 'ignore' })
  const ended = once(child, 'exit').then(() => true)
  const finished = await Promise.race([ended, sleep(ms).then(() => false)])
  child.kill('SIGKILL')
  await ended
  return finished
}

test('a consolidation that is killed at random moments comes to the same figures as one that is left alone', async () => {
  const seed = Date.now() % 1_000_000
  const random = randomFrom(seed)
  const events = threeMonths(seed)
  using whole = await projectWith(events)
  const began = Date.now()
  expect((await whole.uptime('consolidate', 'sla')).code, `seed ${seed}`).toBe(0)
  const took = Date.now() - began
  using killed = await projectWith(events)
  let finished = 0
  for (let kill = 0; kill < KILLS; kill++) if (await killAfter(killed, 100 + random() * took)) finished++
  expect(finished, `seed ${seed}: it must be killed, not waited for`).toBeLessThan(KILLS)
  expect((await killed.uptime('consolidate', 'sla')).code).toBe(0)
  const expected = await figures(whole)
  expect(expected.length).toBeGreaterThan(SERVICES * 90)
  expect(await figures(killed), `seed ${seed}`).toEqual(expected)
}, 120_000)

test('a fact that comes late restates the day, week, month, quarter and year that it touches, and no other row', async () => {
  using project = await projectWith([
    ...threeMonths(7),
    // A proof of life behind the year's end, so that all of it is frozen.
    ...facts.run('later', Date.parse('2026-01-01T00:00:00-05:00'), Date.parse('2026-01-02T00:00:00-05:00')),
  ])
  await project.uptime('consolidate', 'sla')
  const before = await figures(project)
  const at = Date.parse('2025-09-29T22:00:00-04:00')
  await withStorage(project.folder, (storage) =>
    storage.record(facts.down('late', idOf(3), at, at + 20 * MINUTE, 'delivered by a journal')),
  )
  await project.uptime('consolidate', 'sla')
  const after = await figures(project)
  const known = new Set(before.map((row) => JSON.stringify(row)))
  const added = after.filter((row) => !known.has(JSON.stringify(row)))
  expect(after).toHaveLength(before.length + added.length)
  const touched = ['day|2025-09-29', 'month|2025-09', 'quarter|2025-Q3', 'week|2025-W40', 'year|2025']
  const whose = ['category=c3 all-up', 'category=c3 mean', idOf(3)]
  const prefix = 'sla|America/New_York|exclude,exclude'
  expect(added.map(([key, version]) => `${key} ${version}`)).toEqual(
    touched.flatMap((period) => whose.map((id) => `${prefix}|${period}|${id} 2`)).sort(),
  )
  for (const [, , body] of added)
    expect(body).toMatchObject({ because: ['a downtime became known later: delivered by a journal'] })
})
