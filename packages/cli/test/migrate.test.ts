import { existsSync } from 'node:fs'
import { availability, type Facts, serviceId } from '@uptimeserver/core'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { describe, expect, test } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startMongo } from '../../../test/servers/mongo.js'
import { recordIn, recordOf } from '../../../test/support/fact-record.js'
import type { Project } from '../../../test/support/uptime.js'
import { AncestorDatabase, DAY, HOUR } from './support/ancestor.js'
import { at, BEGIN, END, type Fallen, fill, GONE, MEANT, RUNS, SITE } from './support/fallen.js'
import { type Answer, CONFIG, projectWith } from './support/migration.js'

let fallen: Fallen
const mongo = forAll(async () => {
  const server = await startMongo()
  await using ancestor = await AncestorDatabase.create(server.url, 'fallen')
  fallen = await fill(ancestor)
  return server
})
const idOf = (name: string) =>
  name === SITE
    ? serviceId({ kind: 'http', identity: SITE, name: SITE })
    : serviceId({ kind: KINDS[name]!, category: 'infra', name })
const KINDS: Record<string, string> = {
  ...{ 'MongoDB Prod': 'mongo', cache: 'mongo' },
  ...{ 'Kubernetes AWS': 'kubernetes', 'Elasticsearch AWS': 'elasticsearch' },
}
const REMOVED = `--removed=Elasticsearch AWS=${new Date(GONE).toISOString()}`

const migrate = (project: Project, ...args: string[]) =>
  project.uptime('migrate', 'python-uptimeserver', '--uri', mongo().url, '--db', 'fallen', REMOVED, ...args)

async function answer(project: Project, ...args: string[]): Promise<Answer> {
  const finished = await migrate(project, '--json', ...args)
  expect(finished.stderr).toBe('')
  expect(finished.code).toBe(0)
  return finished.json<Answer>()
}

/** What the command says of a month, by name. */
async function figuresOf(project: Project, month: string) {
  const { stdout, stderr } = await project.uptime('sla', '--of', month, '--json')
  expect(stderr).toBe('')
  const rows = JSON.parse(stdout) as { name: string; uptime: number; coverage: number; downMs: number }[]
  return Object.fromEntries(
    rows.map(({ name, uptime, coverage, downMs }) => [name, { uptime, coverage, downMs }]),
  )
}

/** The same by the maths alone, on the facts as they were meant. */
function meantFigures(month: string, meant = MEANT) {
  const start = at(`${month}-01T00:00:00Z`)
  const end = Date.UTC(new Date(start).getUTCFullYear(), new Date(start).getUTCMonth() + 1, 1)
  const all = Object.entries(meant).map(([name, facts]): [string, object] => {
    const { uptime, coverage, downMs } = availability({ start, end }, facts, Date.now())
    return [name, { uptime, coverage, downMs }]
  })
  return Object.fromEntries(all.filter(([name]) => wasWatched(meant[name]!, end)))
}

const wasWatched = ({ monitored: [watch] }: Facts, until: number) =>
  watch!.start < until && (watch!.end ?? Infinity) > until - 30 * DAY

describe('a dry run', () => {
  test('writes nothing, and says what would come', async () => {
    using project = projectWith()
    const { written, facts, services, observed } = await answer(project)
    expect(existsSync(project.path('uptime.db'))).toBe(false)
    expect({ written, facts }).toEqual({ written: false, facts: 5 + 9 + 5 })
    expect(services.map(({ id, downtimes, known }) => ({ id, downtimes, known }))).toEqual(
      ['MongoDB Prod', SITE, 'Kubernetes AWS', 'Elasticsearch AWS', 'cache'].map((name) => ({
        ...{ id: idOf(name), known: false },
        downtimes: MEANT[name]!.downtimes.length,
      })),
    )
    const iso = (ms: number) => new Date(ms).toISOString()
    expect(observed).toEqual(RUNS.map(({ start, end }) => ({ start: iso(start), end: iso(end) })))
  })

  test('names every document that is not carried, and why', async () => {
    using project = projectWith()
    const { left } = await answer(project)
    const told = left.map(({ collection, why }) => `${collection}: ${why}`)
    expect(told.sort()).toEqual([
      'uptime: description is null, expected its name or URL',
      'uptime: kind is "Ftp", expected one of Mongo, Ingress, Kubernetes, Elasticsearch',
      'uptime_history: down_end_date is missing',
      expect.stringMatching(/^uptime_history: down_end_date lies \d.* ahead$/),
      'uptime_history: down_start_date is "Saturday", expected seconds',
      'uptime_history: down_start_date is missing',
      'uptime_history: it ends before it starts, so it takes no time',
      'uptime_history: it ends when it starts, so it takes no time',
      expect.stringMatching(/^uptime_history: it is there twice, and carried as pus-/),
      `uptime_history: it is within another open one, pus-${fallen.race}`,
      expect.stringMatching(/^uptime_history: its service [0-9a-f]{24} cannot be carried$/),
      expect.stringMatching(/^uptime_history: its service [0-9a-f]{24} is not in uptime any more$/),
    ])
    expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining([fallen.raceTwin, fallen.orphan]))
  })

  test('names what the ancestor contradicts itself about', async () => {
    using project = projectWith()
    const { doubts } = await answer(project)
    expect(doubts).toEqual([
      {
        ...{ service: 'Kubernetes AWS', downtime: `pus-${fallen.stale}` },
        why: 'it is open, although its service was up at last',
      },
      {
        service: 'cache',
        downtime: null,
        why: 'it was down at last, and no downtime is open: one is missing',
      },
    ])
  })

  test('compares each figure with ours of the same time, and says where they part, by how much and why', async () => {
    using project = projectWith()
    const { compared, skipped, different } = (await answer(project)).figures
    expect({ compared, skipped }).toEqual({ compared: 5 * 51, skipped: 2 })
    const of = (name: string, unit: string, start: string) =>
      different.find((each) => each.name === name && each.unit === unit && each.start === start)
    expect(of('Kubernetes AWS', 'day', '2017-11-12T04:00:00.000Z')).toBe(undefined)
    const overlapping = of('MongoDB Prod', 'day', '2017-10-09T04:00:00.000Z')!
    expect(overlapping.because).toBe('downtimes overlap or are excluded, and it added them up')
    expect(overlapping.points).toBeCloseTo((100 * HOUR) / DAY, 9)
    const dark = of('cache', 'day', '2017-11-04T04:00:00.000Z')!
    expect(dark).toMatchObject({ theirs: 100, ours: null, points: null, because: '0s of 1d were observed' })
    const late = of(SITE, 'day', '2017-10-02T04:00:00.000Z')!
    expect(late).toMatchObject({ theirs: 100, ours: null, because: '0s of 1d were observed' })
    const gone = of('Elasticsearch AWS', 'month', '2017-10-01T04:00:00.000Z')!
    expect(gone.theirs).toBeLessThan(63)
    expect(gone.ours).toBeCloseTo(100 - (100 * DAY) / (GONE - BEGIN), 9)
  })

  test('shows people the same in tables', async () => {
    using project = projectWith()
    const { stdout, stderr, code } = await migrate(project)
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(/^SERVICE +KIND +WATCHED FROM +TO +DOWNTIMES +HERE$/m)
    expect(stdout).toMatch(
      /^MongoDB Prod +mongo +2017-10-01 04:00:00 \+00:00 +2017-11-20 04:00:03 \+00:00 +5 +new$/m,
    )
    expect(stdout).toMatch(/^NOT CARRIED +WHY +ID$/m)
    expect(stdout).toMatch(/^DOUBTFUL +DOWNTIME +WHY$/m)
    expect(stdout).toMatch(/^FIGURE OF +UNIT +FROM +THEIRS +OURS +POINTS +BECAUSE$/m)
    expect(stdout).toMatch(/… and \d+ more; --json shows all/)
    expect(stdout).toMatch(/^dry run: 5 services, 9 downtimes; 19 facts of them new to the record\. --write/m)
  })
})

describe('what was carried', () => {
  const targets = {
    SQLite: { config: CONFIG, record: recordOf },
    'MongoDB, in the very same database': {
      config: '',
      record: () => recordIn(mongoStorage({ uri: mongo().url, db: 'fallen' })),
    },
  }

  test.each(Object.entries(targets))(
    'comes to the figures of our own maths on the same facts, and twice is once: %s',
    async (_, { config, record }) => {
      const inMongo = () => `import { mongoStorage } from '@uptimeserver/mongo-storage'
        export default { services: [], consolidators: [],
          storage: mongoStorage({ uri: '${mongo().url}', db: 'fallen' }) }`
      using project = projectWith(config || inMongo())
      expect(await answer(project, '--write')).toMatchObject({ written: true, facts: 19 })
      const figures = () => Promise.all(['2017-10', '2017-11'].map((month) => figuresOf(project, month)))
      const first = await figures()
      expect(first).toEqual(['2017-10', '2017-11'].map((month) => meantFigures(month)))
      const before = await record(project)
      expect(await answer(project, '--write')).toMatchObject({ written: true, facts: 0 })
      expect(await record(project)).toEqual(before)
      expect(await figures()).toEqual(first)
    },
  )

  test('keeps its reasons, without bodies and passwords', async () => {
    using project = projectWith()
    await answer(project, '--write')
    const { downtimes } = await recordOf(project)
    const reasons = new Set(downtimes.map(({ reason }) => reason))
    expect([...reasons].sort()).toEqual([
      '1 nodes were ready, 2 unknown',
      'no reason on record',
      'status 503, expected 200',
      'timed out: mongodb://10.0.0.1:27017/',
    ])
    expect(JSON.stringify(downtimes)).not.toMatch(/hunter2|a whole page/)
  })

  test('is what a config of the same services goes on with: the ids are the same', async () => {
    using project = projectWith(`import { mongo } from '@uptimeserver/mongo'
      export default { consolidators: [], services: [
        mongo('mongodb://127.0.0.1:1', { name: 'MongoDB Prod', category: 'infra', every: '1s', attempts: 1 }),
      ] }`)
    await answer(project, '--write')
    await using monitor = project.run()
    await monitor.until(({ event, to }) => event === 'transition' && to === 'down')
    await monitor.end('SIGTERM')
    const { services } = await recordOf(project)
    const prod = services.find(({ id }) => id === idOf('MongoDB Prod'))!
    expect(prod.monitored).toEqual([
      { start: BEGIN, end: END },
      { start: expect.any(Number), end: null },
    ])
    expect(services.filter(({ monitored }) => monitored.at(-1)!.end === null)).toHaveLength(1)
    expect((await recordOf(project)).downtimes.filter(({ end }) => end === null)).toHaveLength(1)
  })

  test('may leave out open downtimes that contradict themselves: by a signed correction', async () => {
    using project = projectWith()
    await answer(project, '--write', '--exclude-doubtful', '--author', 'ops')
    const meant = { ...MEANT, 'Kubernetes AWS': { ...MEANT['Kubernetes AWS']! } }
    meant['Kubernetes AWS'].downtimes = MEANT['Kubernetes AWS']!.downtimes.slice(1)
    expect(await figuresOf(project, '2017-11')).toEqual(meantFigures('2017-11', meant))
    const { downtimes } = await recordOf(project)
    const [{ corrections }] = downtimes.filter(({ id }) => id === `pus-${fallen.stale}`) as [
      (typeof downtimes)[0],
    ]
    expect(corrections).toMatchObject([{ exclude: true, author: 'ops' }])
    expect(await answer(project, '--write', '--exclude-doubtful')).toMatchObject({ facts: 0 })
  })
})
