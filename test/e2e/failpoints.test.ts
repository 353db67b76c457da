import { mongoStorage } from '@uptimeserver/mongo-storage'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../servers/for-all.js'
import { openMongoPlace } from '../servers/mongo-place.js'
import { type Moment, type Place, Trial } from '../support/failpoints/trial.js'
import { patience, rounds } from '../support/rounds.js'

vi.setConfig({ testTimeout: patience(120_000) })

/** Lives at a time: they wait more than they work. */
const LANES = 6
/** A tenth of the places; ten times the rounds are all of them. */
const SOME = Math.max(1, Math.round(10 / rounds(1)))
const SIDES = ['before', 'after']
/** Where the one before dies, so that a start finds all that a start can find. */
const LEFT_BEHIND = 'at wild up'

interface Plan {
  readonly what: string
  readonly place: () => Place
  /** Where the lives before die. */
  readonly past?: readonly string[]
  readonly sides?: readonly string[]
  /** Every so many-th place. */
  readonly each?: number
}

interface Death {
  /** What was being written. Absent: it was not written so often. */
  readonly kind: string | undefined
  readonly wrong: readonly string[]
}

/** Where one can die, as one that does not finds it. */
async function momentsOf({ place, past = [], sides = SIDES }: Plan): Promise<Moment[]> {
  using trial = new Trial(place())
  for (const deadly of past) await trial.live(deadly)
  const moments = await trial.live()
  expect(await trial.verdict()).toEqual([])
  return moments.filter(({ side }) => sides.includes(side))
}

/** How often one tries to die in a place: from one time to the next something is written once more, or less. */
const TRIES = 4

/** Dies there, and is started again. */
async function dieAt(moment: Moment, plan: Plan, tries = TRIES): Promise<Death> {
  const { place, past = [] } = plan
  using trial = new Trial(place())
  for (const deadly of [...past, moment.line]) await trial.live(deadly)
  const { hasDied } = trial
  await trial.live()
  const wrong = (await trial.verdict()).map(
    (what) => `${hasDied ? 'dead' : 'not dead'} ${moment.line}: ${what}`,
  )
  if (!hasDied && !wrong.length && tries > 1) return dieAt(moment, plan, tries - 1)
  return { kind: hasDied ? moment.kind : undefined, wrong }
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const waiting = [...items]
  const results: R[] = []
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift())
      results.push(await work(item))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return results
}

async function dieAtEach(plan: Plan): Promise<void> {
  const { what, each = SOME } = plan
  const moments = await momentsOf(plan)
  const chosen = moments.filter((_, index) => index % each === 0)
  const deaths = await inLanes(chosen, (moment) => dieAt(moment, plan))
  const kinds = deaths.flatMap(({ kind = [] }) => kind)
  process.stdout.write(`${what}: dead at ${kinds.length} of ${moments.length} places\n`)
  expect(deaths.flatMap(({ wrong }) => wrong)).toEqual([])
  expect(kinds.length).toBeGreaterThan(chosen.length * 0.8)
  if (each === 1) expect(new Set(kinds)).toEqual(new Set(moments.map(({ kind }) => kind)))
}

describe('SQLite', () => {
  const place = (): Place => ({
    imports: `import { sqliteStorage } from '@uptimeserver/sqlite-storage'`,
    settings: `sqliteStorage({ path: 'uptime.db' })`,
    open: (project) => sqliteStorage({ path: project.path('uptime.db') }),
  })

  test('dead right before its k-th write, for every k, and started again: nothing told is lost, doubled or left open, and times are true', () =>
    dieAtEach({ what: 'SQLite, before a write', place, sides: ['before'], each: 1 }))

  test('dead right after it: the same', () =>
    dieAtEach({ what: 'SQLite, after a write', place, sides: ['after'] }))

  test('dead again while it takes up what was left behind: the same', () =>
    dieAtEach({ what: 'SQLite, dead again', place, past: [LEFT_BEHIND] }))
})

describe('MongoDB', () => {
  const server = forAll(openMongoPlace)
  const place = (): Place => {
    const options = { uri: server().url, db: server().freshDatabase() }
    return {
      imports: `import { mongoStorage } from '@uptimeserver/mongo-storage'
        import { countMongo } from ${JSON.stringify(new URL('../support/failpoints/mongo.mjs', import.meta.url).href)}`,
      settings: `mongoStorage(${JSON.stringify(options)}), countMongo`,
      open: () => mongoStorage(options),
    }
  }

  test('dead right before or after its k-th write: the same', () => dieAtEach({ what: 'MongoDB', place }))

  test('dead again while it takes up what was left behind: the same as well', () =>
    dieAtEach({ what: 'MongoDB, dead again', place, past: [LEFT_BEHIND] }))
})
