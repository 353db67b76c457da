import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { Project } from '../../../test/support/uptime.js'

const AT = Date.parse('2026-11-22T08:00:00Z')
const SHOP = '6f3c1d0a9b2e4875'
const HOLDER = 'web-1/4711/99/feedfacecafe/ab12cd34ef'
const HEADER = { header: { monitor: 'default', holder: HOLDER, term: 3 } }
const DOWN = {
  fact: { type: 'down', id: 'r-2', at: AT + 1_000, service: SHOP, start: AT, reason: 'closed\u001b[2J' },
}
const UP = {
  fact: {
    ...{ type: 'up', id: 'r-3', at: AT + 60_000, service: SHOP },
    ...{ downtime: 'r-2', end: AT + 60_000, reason: 'recovered' },
  },
}
const ALIVE = { fact: { type: 'alive', id: 'r-1', at: AT, run: 'r', start: AT } }

/** The lines of a journal, as core's records.ts documents them. */
const lines = (...records: readonly object[]) =>
  records
    .map((record) => JSON.stringify(record))
    .map((text) => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`)
    .join('')

function project(files: Readonly<Record<string, string>> = {}, config = '{ services: [] }'): Project {
  const made = new Project({ 'uptime.config.mjs': `export default ${config}` })
  if (Object.keys(files).length) mkdirSync(made.path('uptime.journal'))
  for (const [name, text] of Object.entries(files)) made.write(`uptime.journal/${name}`, text)
  return made
}

/** Every file of a folder and what is in it. */
const contents = (folder: Project) =>
  readdirSync(folder.path('uptime.journal')).map((name) => [
    name,
    readFileSync(folder.path(`uptime.journal/${name}`), 'utf8'),
  ])

test('nothing waits: says so, and where it looked; no folder is made', async () => {
  using folder = project()
  const { code, stdout, stderr } = await folder.uptime('journal')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^nothing waits in .+uptime\.journal\n$/)
  const json = (await folder.uptime('journal', '--json')).json<{ folder: string }>()
  expect(json).toEqual({ folder: expect.stringMatching(/uptime\.journal$/), files: [], setAside: [] })
  expect(readdirSync(folder.folder)).toEqual(['uptime.config.mjs'])
})

test('what waits: who found it, how much, since when and of which kinds; nothing is touched', async () => {
  using folder = project({ 'abc-1.journal': lines(HEADER, ALIVE, DOWN, UP) }, `{ zone: 'Europe/Berlin' }`)
  const before = contents(folder)
  const { code, stdout, stderr } = await folder.uptime('journal')
  expect([code, stderr]).toEqual([0, ''])
  const [titles, row, , count] = stdout.split('\n')
  expect(titles).toMatch(/^FILE +INSTANCE +MONITOR +STATE +FACTS +SINCE +KINDS$/)
  expect(row).toMatch(
    /^abc-1\.journal +web-1 \(pid 4711\) +default +waits +3 +2026-11-22 09:00:00 \+01:00 +1 alive, 1 down, 1 up$/,
  )
  expect(count).toMatch(/^3 facts wait in .+uptime\.journal$/)
  expect((await folder.uptime('journal', '--json')).json()).toMatchObject({
    files: [
      {
        ...{ file: 'abc-1.journal', monitor: 'default', foundBy: { host: 'web-1', pid: 4711 } },
        ...{ refusedBy: null, refused: false, why: null, count: 3, damaged: 0 },
        ...{ since: '2026-11-22T08:00:00.000Z', kinds: { alive: 1, down: 1, up: 1 } },
      },
    ],
  })
  expect(contents(folder)).toEqual(before)
})

test('--facts: each of them, without what would steer a terminal', async () => {
  using folder = project({ 'abc-1.journal': lines(HEADER, ALIVE, DOWN, UP) })
  const { stdout } = await folder.uptime('journal', '--facts')
  const [down, up] = stdout.split('\n').filter((line) => line.includes(SHOP))
  expect(down).toMatch(new RegExp(`^2026-11-22 08:00:01 \\+00:00 +down +${SHOP} +r-2 +closed`))
  expect(up).toMatch(new RegExp(`^2026-11-22 08:01:00 \\+00:00 +up +${SHOP} +r-2 +recovered$`))
  expect(stdout).not.toContain('\u001b')
  const json = (await folder.uptime('journal', '--facts', '--json')).json<{ files: { facts: object[] }[] }>()
  expect(json.files[0]!.facts).toEqual([
    expect.objectContaining({ id: 'r-1', type: 'alive', service: null, downtime: null, reason: null }),
    {
      ...{ id: 'r-2', at: '2026-11-22T08:00:01.000Z', type: 'down', service: SHOP, downtime: 'r-2' },
      ...{ start: '2026-11-22T08:00:00.000Z', end: null, reason: DOWN.fact.reason },
    },
    expect.objectContaining({ id: 'r-3', downtime: 'r-2', end: '2026-11-22T08:01:00.000Z' }),
  ])
})

test('what was refused says why, and does not count as waiting', async () => {
  using folder = project({ 'abc-1.journal.refused': lines(HEADER, DOWN) })
  const { code, stdout } = await folder.uptime('journal')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^abc-1\.journal\.refused: found without the lease.+another instance has led since/m)
  expect(stdout).toMatch(/^nothing waits in /m)
  expect((await folder.uptime('journal', '--json')).json()).toMatchObject({
    files: [
      {
        ...{ foundBy: null, refusedBy: { host: 'web-1', pid: 4711 }, refused: true, count: 1 },
        why: expect.stringContaining('another instance has led since'),
      },
    ],
  })
})

test('what is damaged is told, and the rest of the file shown', async () => {
  using folder = project({
    'abc-1.journal': `${lines(HEADER, DOWN)}deadbeef {"fact":{"ty`,
    'abd-1.journal': lines(UP),
    'abe-1.journal.damaged': 'rubbish',
  })
  const { code, stdout } = await folder.uptime('journal')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^abc-1\.journal +web-1 \(pid 4711\) +default +damaged +1 /m)
  expect(stdout).toMatch(/^abc-1\.journal: 1 line torn or damaged/m)
  expect(stdout).toMatch(/^abd-1\.journal: it does not say any more whose it is/m)
  expect(stdout).toMatch(/^abe-1\.journal\.damaged: a copy of a journal/m)
  const json = (await folder.uptime('journal', '--json')).json<object>()
  expect(json).toMatchObject({
    files: [{ damaged: 1 }, { foundBy: null }],
    setAside: ['abe-1.journal.damaged'],
  })
})

test('what a real monitor could not store is found, and gone once it is stored', async () => {
  const config = (isAway: boolean) => `
    import { sqliteStorage } from 'uptimeserver'
    const storage = sqliteStorage()
    const record = storage.record.bind(storage)
    let count = 0
    storage.record = (...args) => ++count > 3 && ${isAway} ? Promise.reject(new Error('away')) : record(...args)
    let calls = 0
    export default {
      storage, every: '300ms', attempts: 1,
      services: [{ kind: 'own', name: 'shop', async check() { if (calls++ > 5) throw new Error('closed') } }],
    }`
  using folder = new Project({ 'uptime.config.mjs': config(true) })
  await using monitor = folder.run()
  expect(await monitor.until(({ to }) => to === 'down')).toMatchObject({ stored: false })
  await monitor.end('SIGKILL')
  const waiting = (await folder.uptime('journal', '--json')).json<object>()
  expect(waiting).toMatchObject({ files: [{ foundBy: { pid: monitor.pid }, kinds: { down: 1 } }] })
  if (process.platform !== 'linux') return
  folder.write('uptime.config.mjs', config(false))
  await using next = folder.run()
  await next.until(({ event, standing }) => event === 'leadership' && standing === 'leading')
  expect((await folder.uptime('journal')).stdout).toMatch(/^nothing waits/)
})

test('a config without a folder for it: what waits is in memory only', async () => {
  using folder = project({}, '{ journal: { folder: undefined }, services: [] }')
  const { code, stdout } = await folder.uptime('journal')
  expect([code, stdout]).toEqual([
    0,
    'this config has no journal.folder: facts that wait are in memory only\n',
  ])
  expect((await folder.uptime('journal', '--json')).json<object>()).toMatchObject({ folder: null, files: [] })
})

test('a folder that cannot be read is told', async () => {
  using folder = project()
  writeFileSync(folder.path('uptime.journal'), 'a file')
  chmodSync(folder.path('uptime.journal'), 0o600)
  const { code, stderr } = await folder.uptime('journal')
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error .+uptime\.journal cannot be read: /)])
})
