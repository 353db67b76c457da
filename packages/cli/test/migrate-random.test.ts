import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { availability, createReports, type Storage, serviceId, systemClock } from '@uptimeserver/core'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { quietContext } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { randomFrom } from '../../../test/support/random.js'
import type { Ancestor, Document } from '../src/migrate/documents.js'
import { factsOf } from '../src/migrate/facts.js'
import { planMigration } from '../src/migrate/plan.js'
import { readTarget } from '../src/migrate/target.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MINUTE = 60_000
const SILENCE = 25 * HOUR
const NOW = Date.parse('2026-11-28T00:00:00Z')
const LONG = 40 * DAY
const HISTORIES = 40
const SERVICES = ['a', 'b', 'c']

interface Interval {
  readonly start: number
  readonly end: number | null
}

interface History {
  readonly ancestor: Ancestor
  /** What was written of each service, valid or not. */
  readonly intervals: Readonly<Record<string, Interval[]>>
  readonly born: Readonly<Record<string, number>>
  readonly signs: readonly number[]
}

/** Documents as they may be found: open twice, reversed, overlapping, doubled, with figures of some days. */
function historyFrom(random: () => number): History {
  let count = 0
  const begin = NOW - LONG - Math.floor(random() * DAY) - MINUTE
  const time = () => begin + Math.floor((random() * LONG) / 1000) * 1000 + Math.floor(random() * 1000)
  const id = (at: number) =>
    Math.floor(at / 1000)
      .toString(16)
      .padStart(8, '0') + (++count).toString(16).padStart(16, '0')
  const signs: number[] = []
  const noted = (at: number) => {
    signs.push(Math.floor(at / 1000) * 1000)
    return id(at)
  }
  const intervals: Record<string, Interval[]> = {}
  const born: Record<string, number> = {}
  const services: Document[] = []
  const downtimes: Document[] = []
  const day: Document[] = []
  for (const description of SERVICES) {
    const at = begin + Math.floor(random() * 10 * DAY)
    const _id = noted(at)
    born[description] = Math.floor(at / 1000) * 1000
    services.push({ _id, kind: 'Mongo', category: 'infra', description, status: random() < 0.5 ? 0 : 1 })
    const own: Interval[] = []
    for (let n = 0; n < random() * 8; n++) {
      const start = Math.max(at, time())
      const isOpen = random() < 0.2
      const end = isOpen ? null : settled(start + Math.floor((random() - 0.2) * 3 * DAY))
      const times = { down_start_date: start / 1000, down_end_date: end === null ? 0 : end / 1000 }
      for (let copy = 0; copy < (random() < 0.1 ? 2 : 1); copy++)
        downtimes.push({ _id: noted(start), _id_uptime: _id, ...times })
      own.push({ start, end })
      if (end === null) signs.push(start)
      else if (end > start) signs.push(start, end)
    }
    intervals[description] = own
  }
  for (let midnight = begin; midnight < NOW - MINUTE; midnight += DAY)
    if (random() < 0.8)
      day.push({ _id: noted(midnight), _id_uptime: services[0]!._id, date: midnight / 1000, sla: 100 })
  return {
    ...{ intervals, born, signs },
    ancestor: { services, downtimes, instances: [], figures: { day, week: [], month: [] } },
  }
}

/** The facts as they stand, put together in the plainest way. */
function plainFacts({ intervals, born, signs }: History, name: string) {
  const ordered = signs.filter((at) => at <= NOW).sort((a, b) => a - b)
  const last = ordered.at(-1)!
  const runs = ordered.slice(1).flatMap((end, index) => {
    const start = ordered[index]!
    return end - start <= SILENCE ? [{ start, end }] : []
  })
  const end = NOW - last > SILENCE ? last : null
  const first = Math.min(
    born[name]!,
    ...intervals[name]!.filter((each) => isTime(each)).map(({ start }) => start),
  )
  return { monitored: [{ start: first, end }], runs, downtimes: intervals[name]!.filter(isTime) }
}

/** Not so shortly before now that the figures wait for the next sign of life. */
const settled = (time: number) => (time > NOW - MINUTE ? NOW : time)
const isTime = ({ start, end }: Interval) => end === null || end > start

async function migrateInto(storage: Storage, { ancestor }: History): Promise<number> {
  const choices = { now: NOW, silence: SILENCE, removed: new Map<string, number>() }
  const target = await readTarget(storage)
  const facts = factsOf(planMigration(ancestor, target, choices), target, choices)
  for (let at = 0; at < facts.length; at += 3) await storage.record(facts.slice(at, at + 3))
  return facts.filter(({ type }) => type !== 'alive').length
}

test('whatever the ancestor left, its figures are those of our own maths on the same facts, and twice is once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'uptime-migrate-'))
  const seed = Date.now() % 1_000_000
  const random = randomFrom(seed)
  const clock = { ...systemClock, now: () => NOW }
  try {
    for (let n = 0; n < HISTORIES; n++) {
      const history = historyFrom(random)
      const storage = sqliteStorage({ path: join(folder, `${n}.db`) })
      await storage.open(quietContext(), { monitor: 'default' })
      await migrateInto(storage, history)
      const cursor = await storage.cursor()
      expect(await migrateInto(storage, history), `seed ${seed}, history ${n}`).toBe(0)
      expect(await storage.cursor()).toBe(cursor)
      const start = NOW - Math.floor(random() * LONG)
      const period = { start, end: start + Math.floor(random() * 20 * DAY) + 1 }
      const rows = await createReports(storage, { clock }).sla({ period })
      for (const name of SERVICES) {
        const id = serviceId({ kind: 'mongo', category: 'infra', name })
        const { uptime, coverage, observedMs, downMs } = availability(period, plainFacts(history, name), NOW)
        const row = rows.find(({ service }) => service === id)
        const found = row && {
          ...{ uptime: row.uptime, coverage: row.coverage },
          ...{ observedMs: row.observedMs, downMs: row.downMs },
        }
        const isWatched = coverage !== null
        expect(found, `seed ${seed}, history ${n}, service ${name}`).toEqual(
          isWatched ? { uptime, coverage, observedMs, downMs } : undefined,
        )
      }
      await storage.close()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
