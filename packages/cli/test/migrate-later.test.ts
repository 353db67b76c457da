import { serviceId } from '@uptimeserver/core'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { recordOf } from '../../../test/support/fact-record.js'
import { facts, withStorage } from '../../../test/support/history.js'
import { Project } from '../../../test/support/uptime.js'
import { AncestorDatabase, DAY, HOUR } from './support/ancestor.js'
import { fill } from './support/fallen.js'
import { type Answer, CONFIG, projectWith } from './support/migration.js'

const mongo = forAll(async () => {
  const server = await startMongo()
  await using ancestor = await AncestorDatabase.create(server.url, 'fallen')
  await fill(ancestor)
  return server
})

describe('when more is known later', () => {
  const later = 'pus-grown'
  /** So that it still watches: its last sign is some hours old. */
  const recent = Math.floor(Date.now() / HOUR) * HOUR - 30 * HOUR

  async function grown(db: string, from = recent) {
    const ancestor = await AncestorDatabase.create(mongo().url, db)
    const shop = await ancestor.service(from, 'Mongo', 'shop')
    await ancestor.downtime(shop, from + HOUR, from + 2 * HOUR)
    const open = await ancestor.downtime(shop, from + 10 * HOUR, null, { exception: later })
    await ancestor.db.collection('uptime').updateOne({ _id: shop }, { $set: { status: 1 } })
    return { ancestor, shop, open }
  }
  const carry = (project: Project, db: string, ...args: string[]) =>
    project.uptime('migrate', 'python-uptimeserver', '--uri', mongo().url, '--db', db, '--json', ...args)

  test('a downtime that has ended since ends here too, and the time since then is observed', async () => {
    const from = recent
    const { ancestor, open, shop } = await grown('grown')
    await using _ = ancestor
    using project = projectWith()
    await carry(project, 'grown', '--write')
    const [, before] = (await recordOf(project)).downtimes
    expect(before).toMatchObject({ start: from + 10 * HOUR, end: null })
    const end = from + 20 * HOUR
    const closed = { $set: { down_end_date: end / 1000 } }
    await ancestor.db.collection('uptime_history').updateOne({ _id: open }, closed)
    await ancestor.figure('daily', shop, from, from + DAY, 50)
    await carry(project, 'grown', '--write')
    const { downtimes, runs } = await recordOf(project)
    expect(downtimes).toHaveLength(2)
    expect(downtimes[1]).toMatchObject({ id: before!.id, end })
    expect(runs).toEqual([{ id: `pus-run-${from}`, start: from, end: from + DAY }])
  })

  test('where a monitor of the record has taken over, nothing later is carried and it is vouched for nobody', async () => {
    const from = recent
    const { ancestor, shop } = await grown('handed-over')
    await using _ = ancestor
    const takeover = from + 12 * HOUR
    await ancestor.downtime(shop, takeover + HOUR, takeover + 2 * HOUR)
    using project = projectWith()
    await withStorage(project.folder, async (storage) => {
      await storage.record(facts.run('own', takeover, takeover + 6 * HOUR))
    })
    const told = (await carry(project, 'handed-over', '--write')).json<Answer & { until: string }>()
    expect(told.until).toBe(new Date(takeover).toISOString())
    expect(told.left).toMatchObject([{ why: 'a monitor of this record ran by then, and knows better' }])
    const { downtimes, runs } = await recordOf(project)
    expect(downtimes.map(({ start }) => start)).toEqual([from + HOUR, from + 10 * HOUR])
    expect(runs.map(({ id, end }) => [id, end])).toEqual([
      [`pus-run-${from}`, takeover],
      ['own', takeover + 6 * HOUR],
    ])
  })

  test('a service that is watched here already keeps its own beginning, and that is told', async () => {
    const { ancestor } = await grown('known')
    await using _ = ancestor
    using project = projectWith()
    const id = serviceId({ kind: 'mongo', category: 'infra', name: 'shop' })
    await withStorage(project.folder, async (storage) => {
      await storage.record([facts.added({ id, name: 'shop', category: 'infra' }, recent + DAY)])
    })
    const before = await recordOf(project)
    const { left, services } = (await carry(project, 'known', '--write')).json<Answer>()
    expect({ left, services }).toMatchObject({
      left: [
        {
          what: 'service "shop" and its downtimes (2)',
          why: expect.stringMatching(/^it is monitored here since/),
        },
      ],
      services: [],
    })
    const { services: kept, downtimes } = await recordOf(project)
    expect({ kept, downtimes }).toEqual({ kept: before.services, downtimes: [] })
  })

  test('a monitor that takes over at once goes on with what is open: it is the same outage', async () => {
    const { ancestor, open } = await grown('goes-on')
    await using _ = ancestor
    using project = projectWith(`import { mongo } from '@uptimeserver/mongo'
      export default { consolidators: [], services: [
        mongo('mongodb://127.0.0.1:1', { name: 'shop', category: 'infra', every: '1s', attempts: 1 }),
      ] }`)
    await carry(project, 'goes-on', '--write')
    await using monitor = project.run('--verbose')
    await monitor.until(({ event, ok }) => event === 'check' && ok === false)
    await monitor.end('SIGTERM')
    const { services, downtimes } = await recordOf(project)
    expect(services.map(({ monitored }) => monitored)).toEqual([[{ start: recent, end: null }]])
    const stillOpen = downtimes.filter(({ end }) => end === null)
    expect(stillOpen).toMatchObject([{ id: `pus-${open}`, start: recent + 10 * HOUR }])
    // Again, beside what the monitor has written meanwhile.
    expect((await carry(project, 'goes-on', '--write')).json<Answer>()).toMatchObject({ facts: 0, left: [] })
  })

  test('what was carried as over stays so, and it is told that the ancestor went on', async () => {
    const from = recent - 10 * DAY
    const { ancestor, shop } = await grown('resumed', from)
    await using _ = ancestor
    using project = projectWith()
    await carry(project, 'resumed', '--write')
    const before = await recordOf(project)
    expect(before.services[0]!.monitored).toEqual([{ start: from, end: from + 10 * HOUR }])
    await ancestor.downtime(shop, recent, recent + HOUR)
    const { left } = (await carry(project, 'resumed', '--write')).json<Answer>()
    expect(left.map(({ why }) => why)).toContainEqual(expect.stringMatching(/^its watch ended here at /))
    const { services, downtimes } = await recordOf(project)
    expect({ services, downtimes }).toEqual({ services: before.services, downtimes: before.downtimes })
  })

  test('silence splits what was observed, and whoever knows better says how long it may be', async () => {
    const from = recent - 10 * DAY
    const { ancestor, shop } = await grown('silent', from)
    await using _ = ancestor
    await ancestor.downtime(shop, from + 3 * DAY, from + 3 * DAY + HOUR)
    using project = projectWith()
    const observed = async (...args: string[]) =>
      (await carry(project, 'silent', ...args))
        .json<Answer>()
        .observed.map(({ start, end }) => [Date.parse(start) - from, Date.parse(end) - from])
    expect(await observed()).toEqual([
      [0, 10 * HOUR],
      [3 * DAY, 3 * DAY + HOUR],
    ])
    expect(await observed('--silence', '7d')).toEqual([[0, 3 * DAY + HOUR]])
  })
})

describe('what cannot be read', () => {
  const run = (project: Project, ...args: string[]) =>
    project.uptime('migrate', 'python-uptimeserver', ...args)

  test('a database without such a record is told, and no password with it', async () => {
    using project = projectWith()
    const uri = mongo().url
    const nothing = await run(project, '--uri', uri, '--db', 'elsewhere')
    expect(nothing).toMatchObject({ code: 2, stdout: '' })
    expect(nothing.stderr).toContain('the database "elsewhere" holds neither services (collection uptime)')
    const away = 'mongodb://root:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=300'
    const unreachable = await run(project, '--uri', away, '--db', 'x')
    expect(unreachable.code).toBe(2)
    expect(unreachable.stderr).toMatch(/^error mongodb:\/\/127\.0\.0\.1:1\/ cannot be read: .*ECONNREFUSED/)
    const wrong = await run(project, '--uri', 'http://root:hunter2@db', '--db', 'x')
    expect(wrong.stderr).toMatch(/^error --uri: found "http:\/\/db\/?", expected mongodb:\/\/host/)
    for (const { stderr } of [unreachable, wrong]) expect(stderr).not.toContain('hunter2')
  })

  test('without the driver it says what to install', async () => {
    using project = new Project({ 'uptime.config.mjs': CONFIG })
    vi.stubEnv('NODE_PATH', '')
    const { code, stderr } = await run(project, '--uri', mongo().url, '--db', 'x')
    vi.unstubAllEnvs()
    expect(code).toBe(2)
    expect(stderr).toContain('which is not installed in')
    expect(stderr).toContain('npm i @uptimeserver/mongo-storage brings it')
  })

  test('a service that --removed names and nobody knows, or a time that is none', async () => {
    using project = projectWith()
    const given = (removed: string) =>
      run(project, '--uri', mongo().url, '--db', 'fallen', '--removed', removed)
    expect(await given('nobody=2017-10-01')).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('no service is called "nobody"') },
    })
    expect(await given('cache=soon')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--removed: found/),
    })
    expect(await given('cache')).toMatchObject({
      ...{
        code: 2,
        stderr: expect.stringContaining('expected a service and a time such as shop=2026-11-22'),
      },
    })
  })

  test('the URI may come from the environment, where nobody else sees it', async () => {
    using project = projectWith()
    vi.stubEnv('UPTIME_MIGRATE_URI', mongo().url)
    const { code, stdout } = await run(project, '--db', 'fallen')
    vi.unstubAllEnvs()
    expect({ code, end: stdout.trim().split('\n').at(-1) }).toMatchObject({
      ...{ code: 0, end: expect.stringMatching(/^dry run: 5 services/) },
    })
  })
})
