import assert from 'node:assert/strict'
import type { Event, Json, OpenOptions, Storage } from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import { quietContext } from './context.js'
import { type Cases, registerCases, type TestFunction } from './contract.js'
import { added, alive, correction, down, gap, MAIL, maintenance, SHOP, T0, up } from './facts.js'
import { OWN_LEASES } from './own-leases.js'

/** A place where storages keep their records, empty at first. */
export interface StorageFixture {
  /** A new instance on this place. Called several times, also while another instance is open. */
  create(): Storage
  /** Whether two instances may write at the same time. Default true. */
  readonly shared?: boolean
  dispose?(): unknown
}

/**
 * The promises every storage keeps.
 *
 * @example
 * import { test } from 'vitest'
 * storageContract(test, () => {
 *   const place = new MemoryPlace()
 *   return { create: () => memoryStorage(place) }
 * })
 */
export function storageContract(
  test: TestFunction,
  setup: () => StorageFixture | Promise<StorageFixture>,
): void {
  registerCases(test, CASES, setup)
  registerCases(test, OWN_LEASES, setup)
}

/** Opens an instance, does something with it, closes it. */
async function using<T>(
  fixture: StorageFixture,
  work: (storage: Storage) => Promise<T>,
  options: Partial<OpenOptions> = {},
): Promise<T> {
  const storage = fixture.create()
  await storage.open(quietContext(), { monitor: 'default', ...options })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

/** Everything that can be read, as one value to compare. */
async function everything(storage: Storage) {
  return {
    services: await storage.services({ removed: true }),
    downtimes: await all(storage.downtimes()),
    runs: await all(storage.runs()),
    gaps: await all(storage.gaps()),
    maintenance: await all(storage.maintenance()),
    summaries: await all(storage.summaries({ versions: true })),
    live: await storage.live(),
    log: await all(storage.changes(0)),
  }
}

const EMPTY = {
  services: [],
  downtimes: [],
  runs: [],
  gaps: [],
  maintenance: [],
  summaries: [],
  live: [],
  log: [],
}

const LEASE = { holder: 'host a, 42', term: 1, acquired: T0, renewed: T0 + 1, duration: 15_000 }

const downtimesOf = (storage: Storage) => all(storage.downtimes())

const CASES: Cases<StorageFixture> = {
  'a new storage reads as empty': (fixture) =>
    using(fixture, async (storage) => assert.deepEqual(await everything(storage), EMPTY)),

  'reading what does not exist yet gives nothing and creates nothing': async (fixture) => {
    const readOnly = { readOnly: true }
    await using(fixture, async (storage) => assert.deepEqual(await everything(storage), EMPTY), readOnly)
    await using(fixture, async (storage) => assert.deepEqual(await everything(storage), EMPTY), readOnly)
  },

  'a reader cannot write': (fixture) =>
    using(
      fixture,
      async (storage) => {
        await assert.rejects(storage.record([added(SHOP)]), { code: 'STORAGE_UNWRITABLE' })
        await assert.rejects(storage.publish([{ key: 'x', at: T0, body: 1 }]), { code: 'STORAGE_UNWRITABLE' })
      },
      { readOnly: true },
    ),

  'a service is remembered with every word of it': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), added(MAIL, T0 + 1)])
      const [shop, mail] = await storage.services()
      assert.deepEqual(withoutUndefined(shop), { ...SHOP, monitored: [{ start: T0, end: null }] })
      assert.deepEqual(withoutUndefined(mail), { ...MAIL, monitored: [{ start: T0 + 1, end: null }] })
      assert.deepEqual(
        (await storage.services({ ids: [MAIL.id] })).map(({ id }) => id),
        [MAIL.id],
      )
    }),

  'services are ordered by when they came under watch, then by id': (fixture) =>
    using(fixture, async (storage) => {
      const of = (id: string) => ({ ...MAIL, id })
      await storage.record([
        added(of('c'), T0 + 1),
        added(of('b'), T0 + 2),
        added(of('a'), T0 + 2),
        added(of('d')),
      ])
      assert.deepEqual(
        (await storage.services()).map(({ id }) => id),
        ['d', 'c', 'a', 'b'],
      )
    }),

  'a changed service keeps its history': (fixture) =>
    using(fixture, async (storage) => {
      const renamed = { ...SHOP, name: 'boutique', labels: {} }
      await storage.record([added(SHOP), down('d1', T0 + 10)])
      await storage.record([{ type: 'service-changed', id: 'c1', at: T0 + 20, service: renamed }])
      const [shop] = await storage.services()
      assert.deepEqual(withoutUndefined(shop), { ...renamed, monitored: [{ start: T0, end: null }] })
      assert.equal((await downtimesOf(storage)).length, 1)
    }),

  'a removed service is shown on demand, and may come back': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([
        added(SHOP),
        { type: 'service-removed', id: 'r1', at: T0 + 10, service: SHOP.id },
      ])
      assert.deepEqual(await storage.services(), [])
      const intervalsOf = async () =>
        (await storage.services({ removed: true })).map(({ monitored }) => monitored)
      assert.deepEqual(await intervalsOf(), [[{ start: T0, end: T0 + 10 }]])
      await storage.record([added(SHOP, T0 + 30)])
      const both = [
        { start: T0, end: T0 + 10 },
        { start: T0 + 30, end: null },
      ]
      assert.deepEqual(await intervalsOf(), [both])
      assert.equal((await storage.services()).length, 1)
    }),

  'a downtime opens and closes with its true times': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), down('d1', T0 + 10)])
      const open = { id: 'd1', service: SHOP.id, start: T0 + 10, end: null, corrections: [] }
      const told = {
        reason: 'status 503, expected 200',
        detail: { status: 503, nested: { 'a.b': [1, null, '$x'] } },
      }
      assert.deepEqual(await downtimesOf(storage), [{ ...open, ...told }])
      await storage.record([up('d1', T0 + 60)])
      assert.deepEqual(await downtimesOf(storage), [{ ...open, ...told, end: T0 + 60 }])
    }),

  'a service has one open downtime at most: a second is the first': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), down('d1', T0 + 10)])
      await storage.record([down('d2', T0 + 20)])
      assert.deepEqual(summaryOf(await downtimesOf(storage)), [['d1', T0 + 10, null]])
      await storage.record([up('d2', T0 + 30)])
      assert.deepEqual(summaryOf(await downtimesOf(storage)), [['d1', T0 + 10, T0 + 30]])
    }),

  'the same holds within one batch': (fixture) =>
    using(fixture, async (storage) => {
      const batch = [added(SHOP), down('d1', T0), down('d2', T0 + 1), up('d1', T0 + 2), down('d3', T0 + 3)]
      await storage.record([...batch, down('d4', T0 + 4, MAIL.id)])
      assert.deepEqual(summaryOf(await downtimesOf(storage)), [
        ['d1', T0, T0 + 2],
        ['d3', T0 + 3, null],
        ['d4', T0 + 4, null],
      ])
    }),

  'an end closes the downtime that it names and no later one': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), down('d1', T0 + 10), up('d1', T0 + 20), down('d2', T0 + 30)])
      await storage.record([{ ...up('d1', T0 + 40), id: 'another id' }, up('nobody', T0 + 50)])
      assert.deepEqual(summaryOf(await downtimesOf(storage)), [
        ['d1', T0 + 10, T0 + 20],
        ['d2', T0 + 30, null],
      ])
    }),

  'a downtime that was over when it was told touches nothing that is open': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), down('d1', T0 + 100)])
      const past = [{ ...down('h1', T0 + 10), end: T0 + 20 }, correction('k1', 'h1', true)]
      const cursor = await storage.record(past)
      assert.equal(await storage.record(past), cursor)
      await storage.record([
        up('h1', T0 + 150),
        up('d1', T0 + 200),
        { ...down('h2', T0 + 220), end: T0 + 230 },
      ])
      await storage.record([down('d2', T0 + 300)])
      assert.deepEqual(summaryOf(await downtimesOf(storage)), [
        ['h1', T0 + 10, T0 + 20],
        ['d1', T0 + 100, T0 + 200],
        ['h2', T0 + 220, T0 + 230],
        ['d2', T0 + 300, null],
      ])
      assert.equal((await downtimesOf(storage))[0]?.corrections.length, 1)
    }),

  'who led when is in the log and changes nothing else': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP)], { term: 1 })
      const led = { type: 'led', id: 'led-2', at: T0 + 10, holder: 'b' } as const
      const { log: _, ...before } = await everything(storage)
      const cursor = await storage.record([led], { term: 2 })
      assert.deepEqual(await all(storage.changes(cursor - 1)), [{ seq: cursor, term: 2, events: [led] }])
      const { log: __, ...after } = await everything(storage)
      assert.deepEqual(after, before)
    }),

  'a fact whose id is known is not taken twice': (fixture) =>
    using(fixture, async (storage) => {
      const batch = [added(SHOP), down('d1', T0 + 10), up('d1', T0 + 20), gap('g1', T0 + 1, T0 + 5)]
      const cursor = await storage.record(batch)
      const before = await everything(storage)
      assert.equal(await storage.record(batch), cursor)
      assert.deepEqual(await everything(storage), before)
      await storage.record([down('d1', T0 + 10), down('d2', T0 + 30)])
      const last = (await all(storage.changes(cursor)))[0]
      assert.deepEqual(
        last?.events.map(({ id }) => id),
        ['d2'],
      )
    }),

  'a batch is taken as a whole or not at all': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP)])
      const before = await everything(storage)
      const nonsense = { type: 'nonsense', id: 'n1', at: T0 } as unknown as Event
      await assert.rejects(storage.record([down('d1', T0 + 10), nonsense]), { code: 'FACTS_REFUSED' })
      assert.deepEqual(await everything(storage), before)
      await storage.record([down('d1', T0 + 10)])
      assert.equal((await downtimesOf(storage)).length, 1)
    }),

  'the log counts from one without holes and is read from any cursor': (fixture) =>
    using(fixture, async (storage) => {
      assert.equal(await storage.record([added(SHOP)]), 1)
      assert.equal(await storage.record([down('d1', T0 + 10)]), 2)
      assert.equal(await storage.record([up('d1', T0 + 20), gap('g1', T0, T0 + 1)]), 3)
      const seqs = async (since: number) => (await all(storage.changes(since))).map(({ seq }) => seq)
      assert.deepEqual(await seqs(0), [1, 2, 3])
      assert.deepEqual(await seqs(2), [3])
      assert.deepEqual(await seqs(3), [])
      const [entry] = await all(storage.changes(2))
      assert.deepEqual(entry?.events, [up('d1', T0 + 20), gap('g1', T0, T0 + 1)])
    }),

  'nothing recorded is no entry': (fixture) =>
    using(fixture, async (storage) => {
      assert.equal(await storage.record([]), 0)
      assert.deepEqual(await all(storage.changes(0)), [])
    }),

  'a log that has lost what its writer knows of refuses him': (fixture) =>
    using(fixture, async (storage) => {
      const cursor = await storage.record([added(SHOP)], { after: 0 })
      assert.equal(await storage.record([down('d1', T0 + 10)], { after: cursor }), 2)
      assert.equal(await storage.record([correction('k1', 'd1', true)], { after: cursor }), 3)
      const before = await everything(storage)
      const late = storage.record([up('d1', T0 + 20)], { after: 4, term: 1 })
      await assert.rejects(late, { code: 'RECORD_LOST' })
      assert.deepEqual(await everything(storage), before)
      assert.equal(await storage.record([up('d1', T0 + 20)], { after: 3 }), 4)
    }),

  'a writer whose term is over is refused': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP)], { term: 2 })
      const before = await everything(storage)
      await assert.rejects(storage.record([down('d1', T0 + 10)], { term: 1 }), { code: 'STORAGE_FENCED' })
      assert.deepEqual(await everything(storage), before)
      await storage.record([down('d1', T0 + 10)], { term: 2 })
      await storage.record([correction('k1', 'd1', true)])
      await storage.record([up('d1', T0 + 20)], { term: 7 })
      assert.deepEqual(
        (await all(storage.changes(0))).map(({ term }) => term),
        [2, 2, 2, 7],
      )
    }),

  'an aborted write is not made': (fixture) =>
    using(fixture, async (storage) => {
      await assert.rejects(
        storage.record([added(SHOP)], { signal: AbortSignal.abort(new Error('too late')) }),
      )
      assert.deepEqual(await everything(storage), EMPTY)
    }),

  'signs of life extend their run and do not fill the log': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([alive('r1', T0, T0)])
      for (let at = T0 + 5_000; at <= T0 + 50_000; at += 5_000) await storage.record([alive('r1', T0, at)])
      await storage.record([alive('r1', T0, T0 + 10_000)])
      assert.deepEqual(await all(storage.runs()), [{ id: 'r1', start: T0, end: T0 + 50_000 }])
      assert.equal((await all(storage.changes(0))).length, 1)
      await storage.record([alive('r2', T0 + 90_000, T0 + 95_000)])
      assert.deepEqual((await all(storage.runs())).at(-1), {
        id: 'r2',
        start: T0 + 90_000,
        end: T0 + 95_000,
      })
    }),

  'any fact of a run is a sign of its life': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([alive('r1', T0, T0), { ...added(SHOP, T0 + 100), run: 'r1' }])
      assert.deepEqual(await all(storage.runs()), [{ id: 'r1', start: T0, end: T0 + 100 }])
    }),

  'intervals are found by service, time and openness, in order': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), added(MAIL)])
      await storage.record([down('d2', T0 + 300), down('d1', T0 + 100, MAIL.id), up('d1', T0 + 200, MAIL.id)])
      await storage.record([gap('g1', T0 + 10, T0 + 20), gap('g2', T0 + 5, T0 + 8, MAIL.id)])
      const ids = async (query: object) => (await all(storage.downtimes(query))).map(({ id }) => id)
      assert.deepEqual(await ids({}), ['d1', 'd2'])
      assert.deepEqual(await ids({ services: [SHOP.id] }), ['d2'])
      assert.deepEqual(await ids({ services: [] }), [])
      assert.deepEqual(await ids({ open: true }), ['d2'])
      assert.deepEqual(await ids({ open: false }), ['d1'])
      assert.deepEqual(await ids({ to: T0 + 100 }), [])
      assert.deepEqual(await ids({ from: T0 + 199, to: T0 + 300 }), ['d1'])
      assert.deepEqual(await ids({ from: T0 + 200 }), ['d2'])
      assert.deepEqual(
        (await all(storage.gaps({ from: T0 + 8 }))).map(({ id }) => id),
        ['g1'],
      )
      assert.deepEqual(
        (await all(storage.gaps())).map(({ id }) => id),
        ['g2', 'g1'],
      )
    }),

  'intervals are found by their ids, and nothing else is': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([alive('r1', T0, T0), alive('r2', T0 + 50, T0 + 60), added(SHOP)])
      await storage.record([down('d1', T0 + 10), up('d1', T0 + 20), down('d2', T0 + 30)])
      await storage.record([gap('g1', T0 + 1, T0 + 2), gap('g2', T0 + 3, T0 + 4)])
      await storage.record([maintenance('m1', 'w1', T0, null), maintenance('m2', 'w2', T0 + 5, T0 + 6)])
      const ids = async (items: AsyncIterable<{ id?: string; window?: string }>) =>
        (await all(items)).map(({ id, window }) => id ?? window)
      assert.deepEqual(await ids(storage.downtimes({ ids: ['d2', 'nobody', 'd1'] })), ['d1', 'd2'])
      assert.deepEqual(await ids(storage.downtimes({ ids: ['d2'], to: T0 + 30 })), [])
      assert.deepEqual(await ids(storage.downtimes({ ids: [] })), [])
      assert.deepEqual(await ids(storage.runs({ ids: ['r2'] })), ['r2'])
      assert.deepEqual(await ids(storage.gaps({ ids: ['g1'] })), ['g1'])
      assert.deepEqual(await ids(storage.maintenance({ ids: ['w2'] })), ['w2'])
    }),

  'a gap that goes on is open, once, until its end is known': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), gap('g1', T0 + 10, null), gap('g2', T0 + 20, null)])
      const spans = async (query: object = {}) =>
        (await all(storage.gaps(query))).map(({ id, start, end }) => [id, start, end])
      assert.deepEqual(await spans({ open: true }), [['g1', T0 + 10, null]])
      await storage.record([gap('g3', T0 + 12, T0 + 14), gap('g4', T0 + 10, T0 + 30)])
      assert.deepEqual(await spans({ open: true }), [])
      assert.deepEqual(await spans(), [
        ['g1', T0 + 10, T0 + 30],
        ['g3', T0 + 12, T0 + 14],
      ])
      await storage.record([gap('g5', T0 + 40, null)])
      assert.deepEqual(await spans({ from: T0 + 50 }), [['g5', T0 + 40, null]])
    }),

  'the latest word on a maintenance window holds': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([maintenance('m1', 'w1', T0, null), maintenance('m2', 'w2', T0 + 50, T0 + 60)])
      await storage.record([maintenance('m3', 'w1', T0, T0 + 10)])
      const windows = await all(storage.maintenance())
      assert.deepEqual(
        windows.map(({ window, end }) => [window, end]),
        [
          ['w1', T0 + 10],
          ['w2', T0 + 60],
        ],
      )
      const { services, reason, author } = windows[0]!
      assert.deepEqual(
        { services, reason, author },
        { services: [SHOP.id], reason: 'new disks', author: 'ops' },
      )
      assert.deepEqual(await all(storage.maintenance({ services: [MAIL.id] })), [])
    }),

  'a correction of a downtime that nobody knows is kept, and has no effect': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), correction('k1', 'd1', true), down('d1', T0 + 10)])
      assert.deepEqual((await downtimesOf(storage))[0]?.corrections, [])
      const [entry] = await all(storage.changes(0))
      assert.deepEqual(
        entry?.events.map(({ id }) => id),
        [`added-${SHOP.id}-${T0}`, 'k1', 'd1'],
      )
    }),

  'corrections stand beside their downtime, oldest first': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([
        added(SHOP),
        down('d1', T0 + 10),
        up('d1', T0 + 20),
        correction('k1', 'd1', true),
      ])
      await storage.record([correction('k2', 'd1', false)])
      const [downtime] = await downtimesOf(storage)
      assert.deepEqual(downtime?.corrections, [correction('k1', 'd1', true), correction('k2', 'd1', false)])
    }),

  'a version of a summary is never overwritten': (fixture) =>
    using(fixture, async (storage) => {
      const version = (n: number, body: number, key = 'sla/shop/2026') => ({
        key,
        version: n,
        asOf: n,
        at: T0,
        body,
      })
      await storage.save([version(1, 99.5), version(1, 50, 'status/shop')])
      await storage.save([version(1, 11), version(2, 99.7)])
      const bodies = async (query: object) => (await all(storage.summaries(query))).map(({ body }) => body)
      assert.deepEqual(await bodies({}), [99.7, 50])
      assert.deepEqual(await bodies({ prefix: 'sla/', versions: true }), [99.5, 99.7])
      assert.deepEqual(await bodies({ prefix: 'sla%' }), [])
    }),

  'a summary that is not static yet is replaced, hidden by the first version, and can be taken back': (
    fixture,
  ) =>
    using(fixture, async (storage) => {
      const running = (key: string, body: Json) => ({ key, version: 0, asOf: 1, at: T0, body })
      await storage.save([running('a', 1), running('b', 1), running('c', 1)])
      await storage.save([running('a', 2), { ...running('b', 3), version: 1 }, running('c', null)])
      const found = async (versions: boolean) =>
        (await all(storage.summaries({ versions }))).map(({ key, version, body }) => [key, version, body])
      assert.deepEqual(await found(false), [
        ['a', 0, 2],
        ['b', 1, 3],
      ])
      await storage.save([running('b', null), running('none', null)])
      assert.deepEqual(await found(true), [
        ['a', 0, 2],
        ['b', 1, 3],
      ])
    }),

  'the cursor is the position of the last entry': (fixture) =>
    using(fixture, async (storage) => {
      assert.equal(await storage.cursor(), 0)
      const cursor = await storage.record([added(SHOP), alive('r1', T0, T0)])
      assert.equal(await storage.cursor(), cursor)
      await storage.record([alive('r1', T0, T0 + 10)])
      assert.equal(await storage.cursor(), cursor)
      assert.equal(await storage.record([down('d1', T0 + 20)]), await storage.cursor())
    }),

  'of live state the latest holds, and it is no fact': (fixture) =>
    using(fixture, async (storage) => {
      await storage.record([added(SHOP), added(MAIL)])
      await storage.publish([
        { key: SHOP.id, at: T0, body: { status: 'up' } },
        { key: MAIL.id, at: T0, body: { status: 'soft', message: 'ünï"codé' } },
      ])
      await storage.publish([{ key: SHOP.id, at: T0 + 1, body: { status: 'down' } }])
      assert.deepEqual(byKey(await storage.live()), [
        { key: SHOP.id, at: T0 + 1, body: { status: 'down' } },
        { key: MAIL.id, at: T0, body: { status: 'soft', message: 'ünï"codé' } },
      ])
      assert.equal((await all(storage.changes(0))).length, 1)
      await storage.record([{ type: 'service-removed', id: 'r1', at: T0 + 10, service: SHOP.id }])
      assert.deepEqual(
        (await storage.live()).map(({ key }) => key),
        [MAIL.id],
      )
      const gone = [MAIL.id, 'nobody'].map((key) => ({ key, at: T0 + 20, body: null }))
      await storage.publish(gone)
      assert.deepEqual(await storage.live(), [])
    }),

  'monitors in one place never see each other': async (fixture) => {
    await using(fixture, (storage) => storage.record([added(SHOP), alive('r1', T0, T0), down('d1', T0)]))
    await using(
      fixture,
      async (storage) => {
        assert.deepEqual(await everything(storage), EMPTY)
        assert.equal(await storage.record([added(SHOP), down('d1', T0 + 1)]), 1)
      },
      { monitor: 'other' },
    )
    await using(fixture, async (storage) => assert.equal((await downtimesOf(storage))[0]?.start, T0))
  },

  'what is summarised may be forgotten when it is over; what goes on, and figures, never are': (fixture) =>
    using(fixture, async (storage) => {
      if (!storage.forget) return
      await storage.record([alive('r1', T0, T0 + 50), added(SHOP), added(MAIL)])
      await storage.record([down('d1', T0 + 10), up('d1', T0 + 20), gap('g1', T0 + 10, T0 + 20)])
      await storage.record([
        down('d2', T0 + 30),
        gap('g2', T0 + 30, null),
        maintenance('m1', 'w1', T0, T0 + 40),
      ])
      await storage.record([
        alive('r2', T0 + 200, T0 + 300),
        down('d3', T0 + 210, MAIL.id),
        up('d3', T0 + 220, MAIL.id),
      ])
      await storage.save([{ key: 'k', version: 1, asOf: 3, at: T0, body: 1 }])
      const [before, cursor] = [await everything(storage), await storage.cursor()]
      await storage.forget(T0 + 100)
      const since = (await storage.since?.()) ?? null
      const isKept = ({ end }: { readonly end: number | null }) =>
        since === null || end === null || end >= since
      const after = await everything(storage)
      assert.ok(since === null || since <= T0 + 100)
      for (const view of ['downtimes', 'gaps', 'maintenance', 'runs'] as const)
        assert.deepEqual(after[view], before[view].filter(isKept), view)
      assert.deepEqual([after.services, after.summaries], [before.services, before.summaries])
      assert.deepEqual(after.log, before.log.slice(since === null ? 0 : -1))
      assert.equal(await storage.cursor(), cursor)
      assert.equal(await storage.record([up('d2', T0 + 400)]), cursor + 1)
      assert.equal((await downtimesOf(storage)).find(({ id }) => id === 'd2')?.end, T0 + 400)
    }),

  'a lease is for readers to see, and not to write': (fixture) =>
    using(fixture, async ({ leases }) => {
      const token = await leases?.write(LEASE, undefined)
      if (token === undefined || fixture.shared === false) return
      const look = async ({ leases }: Storage) => {
        assert.deepEqual(await leases!.read(), { lease: LEASE, token })
        await assert.rejects(async () => leases!.write(LEASE, token), { code: 'STORAGE_UNWRITABLE' })
      }
      await using(fixture, look, { readOnly: true })
    }),

  'what is closed and opened again is all there, and goes on': async (fixture) => {
    const before = await using(fixture, async (storage) => {
      await storage.record([alive('r1', T0, T0), added(SHOP), down('d1', T0 + 10), gap('g1', T0, T0 + 1)], {
        term: 3,
      })
      await storage.record([maintenance('m1', 'w1', T0, null), correction('k1', 'd1', true)])
      await storage.save([{ key: 'k', version: 1, asOf: 2, at: T0, body: { a: 1 } }])
      await storage.publish([{ key: SHOP.id, at: T0, body: 'x' }])
      return everything(storage)
    })
    await using(fixture, async (storage) => assert.deepEqual(await everything(storage), before), {
      readOnly: true,
    })
    await using(fixture, async (storage) => {
      assert.deepEqual(await everything(storage), before)
      assert.equal(await storage.record([up('d1', T0 + 60)], { term: 3 }), 3)
      await assert.rejects(storage.record([down('d9', T0 + 70)], { term: 2 }), { code: 'STORAGE_FENCED' })
    })
  },

  'a reader sees what a writer has recorded meanwhile': (fixture) =>
    using(fixture, async (writer) => {
      await writer.record([added(SHOP)])
      await using(
        fixture,
        async (reader) => {
          assert.equal((await reader.services()).length, 1)
          await writer.record([down('d1', T0 + 10)])
          assert.equal((await downtimesOf(reader)).length, 1)
        },
        { readOnly: true },
      )
    }),

  'writers at the same time lose, double and reorder nothing': (fixture) =>
    using(fixture, async (one) => {
      await one.record([added(SHOP)])
      if (fixture.shared === false) return
      await using(fixture, async (other) => {
        const write = async (storage: Storage, name: string) => {
          for (let n = 0; n < 20; n++)
            await storage.record([gap(`${name}-${String(n).padStart(2, '0')}`, T0 + n, T0 + n + 1)])
        }
        await Promise.all([write(one, 'a'), write(other, 'b')])
      })
      const log = await all(one.changes(0))
      assert.deepEqual(
        log.map(({ seq }) => seq),
        Array.from({ length: 41 }, (_, index) => index + 1),
      )
      const ids = log.flatMap(({ events }) => events.map(({ id }) => id))
      for (const name of ['a', 'b']) {
        const own = ids.filter((id) => id.startsWith(`${name}-`))
        assert.equal(own.length, 20)
        assert.deepEqual(own, [...own].sort())
      }
    }),

  'ten thousand services go down in one batch': (fixture) =>
    using(fixture, async (storage) => {
      const ids = Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(16, '0'))
      await storage.record(ids.map((id) => added({ ...MAIL, id })))
      await storage.record(ids.map((id, index) => down(`d-${id}`, T0 + index, id)))
      let open = 0
      for await (const { end } of storage.downtimes({ open: true })) open += end === null ? 1 : 0
      assert.equal(open, 10_000)
      for await (const first of storage.downtimes()) {
        assert.equal(first.start, T0)
        break
      }
      assert.equal((await storage.services()).length, 10_000)
    }),
}

function summaryOf(downtimes: readonly { id: string; start: number; end: number | null }[]) {
  return downtimes.map(({ id, start, end }) => [id, start, end])
}

function byKey<T extends { key: string }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function withoutUndefined<T extends object>(value: T | undefined): object {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, item]) => item !== undefined))
}
