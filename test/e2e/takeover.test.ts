import { mongoStorage } from '@uptimeserver/mongo-storage'
import { describe, expect, test, vi } from 'vitest'
import { wallClock } from '../servers/faketime.js'
import { forAll } from '../servers/for-all.js'
import { openMongoPlace } from '../servers/mongo-place.js'
import { TcpProxy } from '../servers/proxy.js'
import { Driven } from '../support/driven.js'
import { Ensemble } from '../support/ensemble.js'
import { recordIn, recordOf } from '../support/fact-record.js'
import type { InstanceOptions } from '../support/instance.js'
import { faultsOf, faultsOfLog, faultsOfTerms, lost } from '../support/invariants.js'
import { orSkip } from '../support/or-skip.js'
import { patience, rounds } from '../support/rounds.js'
import { Switches } from '../support/switches.js'
import { type Running, sleep } from '../support/uptime.js'
import { unwatched } from '../support/vouching.js'

vi.setConfig({ testTimeout: patience(240_000) })

const NAMES = ['early', 'late', 'good']

/** How long it took until another one led, by what became of the one that did, in ms. */
class Times {
  readonly #times = new Map<string, number[]>()

  add(kind: string, ms: number): void {
    this.#times.set(kind, [...(this.#times.get(kind) ?? []), ms])
  }

  print(): void {
    const lines = [...this.#times].map(([kind, all]) => {
      const sorted = [...all].sort((a, b) => a - b)
      return `${kind}: ${sorted[sorted.length >> 1]} ms (at most ${sorted.at(-1)})`
    })
    process.stdout.write(`time to takeover, of a lease of 3 s: ${lines.join(', ')}\n`)
  }
}

type Blow = (leader: Running, ensemble: Ensemble) => Promise<void>

const BLOWS: Readonly<Record<string, Blow>> = {
  SIGSTOP: (leader, ensemble) => ensemble.freeze(leader),
  SIGKILL: (leader, ensemble) => ensemble.end(leader, 'SIGKILL'),
  SIGTERM: (leader, ensemble) => ensemble.end(leader, 'SIGTERM'),
}

/** One outage that began before the leader went, and one that began when it was gone. */
async function takeOver(
  kind: string,
  ensemble: Ensemble,
  driven: Driven,
  times: Times,
  options: InstanceOptions = {},
): Promise<void> {
  const leader = await ensemble.settled()
  driven.begin('early')
  await driven.stored('early', leader)
  const begun = Date.now()
  await BLOWS[kind]!(leader, ensemble)
  await sleep(20)
  driven.begin('late')
  const next = await ensemble.leader(leader)
  times.add(kind, Date.now() - begun)
  await driven.seen('late', next)
  if (kind === 'SIGSTOP') leader.signal('SIGCONT')
  else ensemble.start(options)
  expect(await ensemble.settled()).toBe(next)
  for (const name of ['early', 'late']) await driven.end(name, next)
}

async function round(number: number, times: Times): Promise<void> {
  using switches = new Switches(NAMES)
  const driven = new Driven(switches)
  await using ensemble = new Ensemble(switches)
  const begun = Date.now()
  for (let index = 0; index < 2 + (number % 3); index++) ensemble.start()
  await ensemble.leader()
  times.add('start', Date.now() - begun)
  for (const kind of Object.keys(BLOWS)) await takeOver(kind, ensemble, driven, times)
  await ensemble.end(await ensemble.settled(), 'SIGTERM')
  await ensemble.settled()
  const record = await recordOf(switches.project)
  expect(faultsOf(record)).toEqual([])
  expect(driven.faultsOf(record)).toEqual([])
  expect(lost(record, ensemble.lines)).toEqual([])
  expect(unwatched(record, ensemble.lines)).toEqual([])
  expect(ensemble.lines.filter(({ event }) => event === 'error')).toEqual([])
}

test('whatever becomes of the one that leads, exactly one leads afterwards, and each outage is on record once', async () => {
  const times = new Times()
  for (let number = 0; number < rounds(5); number++) await round(number, times)
  times.print()
})

test('clocks that are hours apart: the same, and no outage is lost or doubled', async ({ skip }) => {
  const ahead = { env: await orSkip(wallClock({ FAKETIME: '+2h' }), skip) }
  const behind = { env: await orSkip(wallClock({ FAKETIME: '-2h' }), skip) }
  using switches = new Switches(NAMES)
  const driven = new Driven(switches)
  await using ensemble = new Ensemble(switches)
  for (const options of [ahead, {}, behind]) ensemble.start(options)
  const times = new Times()
  for (let number = 0; number < rounds(1); number++) {
    await takeOver('SIGKILL', ensemble, driven, times, ahead)
    await takeOver('SIGSTOP', ensemble, driven, times)
    await takeOver('SIGTERM', ensemble, driven, times, behind)
  }
  await ensemble.end(await ensemble.settled(), 'SIGTERM')
  await ensemble.settled()
  times.print()
  const record = await recordOf(switches.project)
  expect([...faultsOfLog(record), ...faultsOfTerms(record)]).toEqual([])
  expect(driven.faultsOf(record, false)).toEqual([])
  for (const { start, end } of record.downtimes) expect(end).toBeGreaterThanOrEqual(start)
  expect(ensemble.lines.filter(({ event }) => event === 'error')).toEqual([])
})

describe('MongoDB', () => {
  const place = forAll(openMongoPlace)

  test.for(['cut', 'hang'] as const)(
    'the way of the one that leads to its storage (%s): the other takes over, and what the first one found is on record',
    async (mode) => {
      const db = place().freshDatabase()
      const uri = place().url
      await using proxy = await TcpProxy.to(Number(new URL(uri).port))
      using switches = new Switches(NAMES, {
        imports: `import { mongoStorage } from '@uptimeserver/mongo-storage'`,
        settings: `storage: mongoStorage({ uri: process.env.STORAGE_URI, db: '${db}' })`,
      })
      const driven = new Driven(switches)
      await using ensemble = new Ensemble(switches)
      const first = ensemble.start({
        env: { STORAGE_URI: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true` },
      })
      await ensemble.leader()
      ensemble.start({ env: { STORAGE_URI: uri } })
      await ensemble.settled()
      driven.begin('early')
      await driven.stored('early', first)
      const begun = Date.now()
      proxy.set(mode)
      driven.begin('late')
      const next = await ensemble.leader(first)
      process.stdout.write(`time to takeover, of a lease of 3 s: ${mode}: ${Date.now() - begun} ms\n`)
      await driven.seen('late', next)
      proxy.set('pass')
      expect(await ensemble.settled()).toBe(next)
      for (const name of ['early', 'late']) await driven.end(name, next)
      await ensemble.end(first, 'SIGTERM')
      await ensemble.end(next, 'SIGTERM')
      const record = await recordIn(mongoStorage({ uri, db }))
      expect(faultsOf(record)).toEqual([])
      // What the first one found of the other goes to the end of its authority; the second one found it anew.
      expect(driven.faultsOf(record, true, ['early', 'good'])).toEqual([])
      expect(lost(record, ensemble.lines)).toEqual([])
      expect(unwatched(record, ensemble.lines)).toEqual([])
      await place().drop(db)
    },
  )
})
