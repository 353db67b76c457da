import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, Storage } from '@uptimeserver/core'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { memoryStorage, quietContext } from '@uptimeserver/testing'
import fc from 'fast-check'
import { afterAll, expect, test, vi } from 'vitest'
import { everything } from '../../plugins/mongo-storage/test/support/record.js'
import { forAll } from '../servers/for-all.js'
import { openMongoPlace } from '../servers/mongo-place.js'
import { anything } from '../support/anything.js'
import { threeMonths } from '../support/three-months.js'
import { Project } from '../support/uptime.js'

vi.setConfig({ testTimeout: 300_000 })

const place = forAll(openMongoPlace)
const folder = mkdtempSync(join(tmpdir(), 'uptime-storages-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('whatever is said, in any order and again, SQLite and MongoDB understand as the plainest storage does', async () => {
  const db = place().freshDatabase()
  let round = 0
  await fc.assert(
    fc.asyncProperty(anything, async (batches) => {
      const monitor = `m${round++}`
      const path = join(folder, 'any.db')
      const [plain, ...others] = [
        memoryStorage(),
        mongoStorage({ uri: place().url, db }),
        sqliteStorage({ path }),
      ]
      const all = [plain!, ...others]
      for (const storage of all) await storage.open(quietContext(), { monitor })
      try {
        for (const batch of batches) {
          const cursors = await Promise.all(all.map((storage) => storage.record(batch)))
          expect(new Set(cursors).size).toBe(1)
        }
        const expected = await everything(plain!)
        for (const storage of others) expect(await everything(storage), storage.name).toEqual(expected)
      } finally {
        for (const storage of all) await storage.close()
      }
    }),
    { numRuns: 150 },
  )
  await place().drop(db)
})

const RULES = `zone: 'America/New_York', objective: 99.9, services: []`

/** Fills a storage that lives in a process, and has it consolidated there. */
const MEMORY = `
  import { readFileSync } from 'node:fs'
  import { MemoryPlace, memoryStorage, quietContext } from '@uptimeserver/testing'
  import { sla } from 'uptimeserver'
  const storage = memoryStorage(new MemoryPlace())
  await storage.open(quietContext(), { monitor: 'default' })
  for (const batch of JSON.parse(readFileSync('facts.json', 'utf8'))) await storage.record(batch)
  await sla().consolidate(storage, { ...quietContext(), zone: 'America/New_York', objective: 99.9 })
  export default { ${RULES}, storage }`

const QUESTIONS = [
  ...['2025-09', '2025-10', '2025-11'].map((label) => ['--period', 'month', '--of', label]),
  ['--period', 'quarter', '--of', '2025-Q4', '--group-by', 'category'],
  ['--period', 'day', '--of', '2025-11-02', '--group-by', 'category'],
  ['--from', '2025-09-10', '--to', '2025-10-03'],
]

test('three months come to the same figures on memory, SQLite and MongoDB, byte for byte', async () => {
  const events = threeMonths(11)
  const batches: Event[][] = []
  for (let start = 0; start < events.length; start += 500) batches.push(events.slice(start, start + 500))
  const db = place().freshDatabase()
  const fill = async (storage: Storage) => {
    await storage.open(quietContext(), { monitor: 'default' })
    for (const batch of batches) await storage.record(batch)
    await storage.close()
  }
  const answers = async (config: string, before: (project: Project) => Promise<unknown>) => {
    using project = new Project({ 'uptime.config.mjs': config, 'facts.json': JSON.stringify(batches) })
    project.usePackages()
    await before(project)
    const said: string[] = []
    for (const question of QUESTIONS) {
      const { code, stdout, stderr } = await project.uptime('sla', '--json', ...question)
      expect([code, stderr], question.join(' ')).toEqual([0, ''])
      said.push(stdout)
    }
    return said
  }
  const consolidate = async (project: Project) =>
    expect(await project.uptime('consolidate', 'sla')).toMatchObject({ code: 0, stderr: '' })
  const inMemory = await answers(MEMORY, async () => undefined)
  const inSqlite = await answers(`export default { ${RULES} }`, async (project) => {
    await fill(sqliteStorage({ path: project.path('uptime.db') }))
    await consolidate(project)
  })
  const mongo = `import { mongoStorage } from '@uptimeserver/mongo-storage'
    export default { ${RULES}, storage: mongoStorage({ uri: '${place().url}', db: '${db}' }) }`
  const inMongo = await answers(mongo, async (project) => {
    await fill(mongoStorage({ uri: place().url, db }))
    await consolidate(project)
  })
  expect(JSON.parse(inMemory[0]!)).toHaveLength(40)
  expect(JSON.parse(inMemory[0]!)[0]).toMatchObject({ version: 1, downtimes: expect.any(Number) })
  expect(inSqlite).toEqual(inMemory)
  expect(inMongo).toEqual(inMemory)
  await place().drop(db)
})
