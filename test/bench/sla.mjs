// What figures cost: a year of ten thousand services with fifty downtimes a month each, and their daily consolidation.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReports, sla, systemClock } from '@uptimeserver/core'
import { quietContext } from '@uptimeserver/testing'
import { median, ratio } from './numbers.mjs'
import { inOwnProcess } from './own-process.mjs'
import { DatabaseSync, layDown, openStorage, YEAR } from './year.mjs'

const DAY = 86_400_000
const PER_MONTH = 50

export async function slaRows({ rounds, say }) {
  const services = rounds > 1 ? 10_000 : 1_000
  const folder = mkdtempSync(join(tmpdir(), 'uptime-bench-'))
  const path = join(folder, 'year.db')
  say(`  laying down a year of ${services.toLocaleString('en')} services`)
  await layDown(path, { services, perMonth: PER_MONTH })
  const results = { read: [], figures: [], sql: [], daily: [] }
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    for (const mode of ['read', 'figures', 'sql', 'daily']) {
      const copy = join(folder, 'copy.db')
      if (mode === 'daily') copyFileSync(path, copy)
      results[mode].push(await inOwnProcess(import.meta.filename, mode, mode === 'daily' ? copy : path))
    }
  }
  rmSync(folder, { recursive: true })
  return rowsFrom(results, `${services.toLocaleString('en')} services × ${PER_MONTH} downtimes a month`)
}

function rowsFrom({ read, figures, sql, daily }, what) {
  const ms = (list) => list.map(({ ms }) => ms)
  const seconds = (list) => `${(median(ms(list)) / 1_000).toFixed(1)} s`
  const peak = median(figures.map(({ peak }) => peak))
  const last = median(daily.map(({ ms }) => ms))
  return [
    {
      what: `figures of a year, ${what}`,
      against: 'only reading the rows',
      ours: seconds(figures),
      theirs: seconds(read),
      ratio: ratio(ms(figures), ms(read)),
      target: 1.3,
    },
    {
      what: 'the same',
      against: 'SQL that merges the same intervals',
      ours: seconds(figures),
      theirs: seconds(sql),
      ratio: ratio(ms(figures), ms(sql)),
      target: 0.5,
    },
    {
      what: 'the same, peak memory of the process',
      against: 'only reading the rows',
      ours: `${peak} MB`,
      theirs: `${median(read.map(({ peak }) => peak))} MB`,
      value: peak,
      target: 200,
      unit: 'MB',
    },
    {
      what: 'consolidation of the next day, all of them',
      against: '–',
      ours: `${last.toFixed(0)} ms`,
      theirs: '–',
      value: Number((last / 1_000).toFixed(2)),
      target: 2,
      unit: 's',
    },
  ]
}

const MODES = {
  async read(path) {
    const storage = await openStorage(path, true)
    const query = { from: YEAR.start, to: YEAR.end }
    await storage.services()
    for (const rows of [storage.runs(query), storage.gaps(query), storage.downtimes(query)])
      for await (const _ of rows);
  },
  async figures(path) {
    const storage = await openStorage(path, true)
    const clock = { ...systemClock, now: () => YEAR.end + DAY }
    await createReports(storage, { clock }).sla({
      period: { unit: 'year', label: '2025' },
      groupBy: ['category'],
    })
  },
  async sql(path) {
    new DatabaseSync(path, { readOnly: true }).prepare(MERGE).all(YEAR.start, YEAR.end)
  },
}

/** Downtime of each service within runs: islands of touching intervals, as SQL does it without a procedure. */
const MERGE = `
  WITH marked AS (
    SELECT service, start, "end", max("end") OVER (
      PARTITION BY service ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM downtime WHERE monitor = 'default' AND "end" > ? AND start < ?),
  island AS (
    SELECT service, start, "end", sum(before IS NULL OR start > before) OVER (PARTITION BY service ORDER BY start) AS number
    FROM marked),
  merged AS (SELECT service, min(start) AS start, max("end") AS "end" FROM island GROUP BY service, number)
  SELECT m.service, sum(min(m."end", r."end") - max(m.start, r.start)) AS down
  FROM merged AS m JOIN run AS r ON r.monitor = 'default' AND r.start < m."end" AND r."end" > m.start GROUP BY m.service`

/** One day after the other, as a monitor would; the last one counts. */
async function consolidateDays(path) {
  const storage = await openStorage(path)
  let ms = 0
  for (const day of [40.3, 41.3, 42.3, 43.3]) {
    const clock = { ...systemClock, now: () => YEAR.start + day * DAY }
    const began = performance.now()
    await sla().consolidate(storage, { ...quietContext(), clock, zone: 'UTC' })
    ms = performance.now() - began
  }
  await storage.close()
  return ms
}

async function measure(mode, path) {
  if (mode === 'daily') return { ms: await consolidateDays(path), peak: 0 }
  const began = performance.now()
  await MODES[mode](path)
  return { ms: performance.now() - began, peak: Math.round(process.resourceUsage().maxRSS / 1024) }
}

if (process.argv[1] === import.meta.filename) {
  const result = await measure(process.argv[2], process.argv[3])
  process.send(result, () => process.exit())
}
