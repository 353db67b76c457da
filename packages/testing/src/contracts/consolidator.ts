import assert from 'node:assert/strict'
import { type Consolidator, nextTime, type Storage, systemClock } from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import { memoryStorage } from '../memory-storage.js'
import { quietContext } from './context.js'
import { type Cases, registerCases, type TestFunction } from './contract.js'
import { added, alive, down, MAIL, SHOP, T0, up } from './facts.js'

export interface ConsolidatorFixture {
  create(): Consolidator
  /** The storage to work on, empty. Default: one in memory. */
  storage?(): Storage
  dispose?(): unknown
}

/**
 * The promises every consolidator keeps.
 *
 * @example
 * consolidatorContract(test, () => ({ create: () => sla({ zone: 'Europe/Berlin' }) }))
 */
export function consolidatorContract(
  test: TestFunction,
  setup: () => ConsolidatorFixture | Promise<ConsolidatorFixture>,
): void {
  registerCases(test, CASES, setup)
}

const HOUR = 3_600_000

const CASES: Cases<ConsolidatorFixture> = {
  'it has a name, a schedule and no problems': async ({ create }) => {
    const consolidator = create()
    assert.deepEqual(consolidator.problems ?? [], [])
    assert.match(consolidator.name, /\S/)
    assert.ok(nextTime(consolidator.schedule, T0, 'UTC')! > T0, 'its schedule comes to something')
  },

  'an empty record is no reason to fail': (fixture) =>
    using(fixture, async (storage) => fixture.create().consolidate(storage, context())),

  'it states no facts': (fixture) =>
    using(fixture, async (storage) => {
      await fill(storage)
      const before = await all(storage.changes(0))
      await fixture.create().consolidate(storage, context())
      assert.deepEqual(await all(storage.changes(0)), before)
    }),

  'again on the same facts, at the same time, it writes nothing new': (fixture) =>
    using(fixture, async (storage) => {
      await fill(storage)
      const range = { start: T0, end: T0 + 24 * HOUR }
      const summariesAfter = async () => {
        await fixture.create().consolidate(storage, context(), { range })
        return all(storage.summaries({ versions: true }))
      }
      const first = await summariesAfter()
      assert.deepEqual(await summariesAfter(), first)
    }),

  'it ends when its signal says so': (fixture) =>
    using(fixture, async (storage) => {
      await fill(storage)
      const gaveUp = fixture.create().consolidate(storage, context(AbortSignal.abort(new Error('stopped'))))
      await gaveUp.catch(() => undefined)
    }),
}

/** An hour after the last fact, however long a test takes. */
const clock = { ...systemClock, now: () => T0 + 25 * HOUR }
const context = (signal?: AbortSignal) => ({ ...quietContext(signal), clock, zone: 'UTC' })

async function using(
  fixture: ConsolidatorFixture,
  work: (storage: Storage) => Promise<unknown>,
): Promise<void> {
  const storage = fixture.storage?.() ?? memoryStorage()
  await storage.open(context(), { monitor: 'default' })
  try {
    await work(storage)
  } finally {
    await storage.close()
  }
}

/** Two services, one day, one outage that is over and one that is not. */
async function fill(storage: Storage): Promise<void> {
  await storage.record([alive('r1', T0, T0), added(SHOP), added(MAIL)])
  await storage.record([down('d1', T0 + HOUR), up('d1', T0 + 2 * HOUR), down('d2', T0 + 3 * HOUR, MAIL.id)])
  await storage.record([alive('r1', T0, T0 + 24 * HOUR)])
}
