import type { Storage } from '@uptimeserver/core'
import { mongoStorage } from '@uptimeserver/mongo-storage'
import { sqliteStorage } from '@uptimeserver/sqlite-storage'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../servers/for-all.js'
import { openMongoPlace } from '../servers/mongo-place.js'
import { TcpProxy } from '../servers/proxy.js'
import { recordIn } from '../support/fact-record.js'
import { startInstance } from '../support/instance.js'
import { faultsOf, lost, unfounded } from '../support/invariants.js'
import { randomFrom } from '../support/random.js'
import { patience, rounds } from '../support/rounds.js'
import { SqliteLock } from '../support/sqlite-lock.js'
import { Switches } from '../support/switches.js'
import { type Line, type Running, sleep } from '../support/uptime.js'
import { unwatched } from '../support/vouching.js'

vi.setConfig({ testTimeout: patience(180_000) })

/** From the start of a process until it vouches again, at most; loading Node and the config is a good part of it, in ms. */
const BLIND = 1_500
const NAMES = ['wild', 'mild', 'good']

/** One life of a monitor, that ends with SIGKILL. In ms. */
interface Life {
  readonly ms: number
  /** The storage goes away, or comes back, after so long. */
  readonly awayAfter?: number
  readonly backAfter?: number
}

interface Ordeal {
  readonly seed: number
  readonly switches: Switches
  /** What keeps the storage away. */
  readonly outage?: () => Promise<AsyncDisposable>
}

/** Everything that was said by monitors that were killed, and started again at once. */
class Crashes {
  readonly lines: Line[] = []
  /** From the start of a process to its first run, in ms. */
  readonly blind: number[] = []
  readonly random: () => number
  readonly #ordeal: Ordeal
  #outage: AsyncDisposable | undefined

  constructor(ordeal: Ordeal) {
    this.#ordeal = ordeal
    this.random = randomFrom(ordeal.seed)
  }

  /** @param lives one after the other, and then one in which all is well, to its end */
  async suffer(lives: Iterable<Life>): Promise<void> {
    try {
      for (const life of lives) await this.#live(life)
    } finally {
      await this.#endOutage()
    }
    await this.#recover()
  }

  async #live(life: Life): Promise<void> {
    const begun = Date.now()
    const wasThere = !this.#outage
    await using monitor = startInstance(this.#ordeal.switches.project)
    const flipping = ['wild', 'wild', 'mild'].map((name) => this.#flip(name, this.random() * life.ms))
    const { awayAfter, backAfter } = life
    if (awayAfter !== undefined) {
      await sleep(awayAfter)
      this.#outage = await this.#ordeal.outage!()
    }
    if (backAfter !== undefined) {
      await sleep(backAfter)
      await this.#endOutage()
    }
    await Promise.all([...flipping, sleep(Math.max(0, begun + life.ms - Date.now()))])
    await monitor.end('SIGKILL')
    this.#remember(monitor, wasThere ? begun : undefined)
  }

  async #flip(name: string, ms: number): Promise<void> {
    await sleep(ms)
    this.#ordeal.switches.flip(name)
  }

  async #endOutage(): Promise<void> {
    await this.#outage?.[Symbol.asyncDispose]()
    this.#outage = undefined
  }

  async #recover(): Promise<void> {
    const { switches } = this.#ordeal
    for (const name of switches.names) switches.set(name, false)
    await using last = startInstance(switches.project)
    for (const name of switches.names)
      await last.until(({ event, status, name: of }) => event === 'check' && status === 'up' && of === name)
    expect((await last.end('SIGTERM')).code).toBe(0)
    this.#remember(last, undefined)
  }

  #remember({ lines }: Running, begun: number | undefined): void {
    this.lines.push(...lines)
    const run = lines.find(({ event }) => event === 'run')
    if (run && begun !== undefined) this.blind.push(Date.parse(String(run.at)) - begun)
  }
}

function* lives(count: number, random: () => number): Iterable<Life> {
  for (let index = 0; index < count; index++) yield { ms: 700 + random() * 1_300 }
}

/** The storage goes away; it is away all along, for less or more than a start waits for it; it comes back. */
function* livesWithOutages(count: number, random: () => number): Iterable<Life> {
  for (let index = 0; index < count; index++) {
    yield { ms: 3_000 + random() * 2_500, awayAfter: 1_000 + random() * 1_000 }
    yield { ms: index % 2 ? 500 + random() * 2_000 : 7_000 + random() * 3_000 }
    yield { ms: 3_000 + random() * 4_000, backAfter: random() * 2_000 }
  }
}

async function judge(crashes: Crashes, storage: Storage, where: string): Promise<void> {
  const record = await recordIn(storage)
  const { lines } = crashes
  const stateds = lines.filter(({ event, stored }) => event === 'transition' && stored !== null)
  const blind = [...crashes.blind].sort((a, b) => a - b)
  process.stdout.write(
    `${where}: ${record.downtimes.length} downtimes, ${stateds.length} told (${stateds.filter(({ stored }) => !stored).length} while the storage was away), blind ${blind[blind.length >> 1]} ms, at most ${blind.at(-1)} ms\n`,
  )
  expect(faultsOf(record), where).toEqual([])
  expect(unfounded(record, lines), where).toEqual([])
  expect(unwatched(record, lines), where).toEqual([])
  expect(lost(record, lines), where).toEqual([])
  expect(
    record.downtimes.filter(({ end }) => end === null),
    where,
  ).toEqual([])
  expect(
    lines.filter(({ event }) => event === 'error'),
    where,
  ).toEqual([])
}

test(`kill -9 at random moments, and back at once: nothing told is lost, doubled or left open, and no lease is waited for`, async () => {
  const seed = Date.now() % 1_000_000
  using switches = new Switches(NAMES)
  const crashes = new Crashes({ seed, switches })
  await crashes.suffer(lives(rounds(30), crashes.random))
  await judge(crashes, sqliteStorage({ path: switches.project.path('uptime.db') }), `SQLite, seed ${seed}`)
  expect(crashes.blind.filter((ms) => ms > BLIND)).toEqual([])
})

test('kill -9 while the database is locked: what waited in the journal is on record, with its times', async () => {
  const seed = Date.now() % 1_000_000
  using switches = new Switches(NAMES)
  const path = switches.project.path('uptime.db')
  const crashes = new Crashes({ seed, switches, outage: () => SqliteLock.on(path) })
  await crashes.suffer(livesWithOutages(rounds(3), crashes.random))
  await judge(crashes, sqliteStorage({ path }), `SQLite and locks, seed ${seed}`)
})

describe('MongoDB', () => {
  const place = forAll(openMongoPlace)

  test('kill -9 at random moments, and back at once: the same', async () => {
    const seed = Date.now() % 1_000_000
    const db = place().freshDatabase()
    const uri = place().url
    using switches = new Switches(NAMES, {
      imports: `import { mongoStorage } from '@uptimeserver/mongo-storage'`,
      settings: `storage: mongoStorage({ uri: '${uri}', db: '${db}' })`,
    })
    const crashes = new Crashes({ seed, switches })
    await crashes.suffer(lives(rounds(10), crashes.random))
    await judge(crashes, mongoStorage({ uri, db }), `MongoDB, seed ${seed}`)
    await place().drop(db)
  })

  test('kill -9 while the way to the storage is cut: the same', async () => {
    const seed = Date.now() % 1_000_000
    const db = place().freshDatabase()
    const uri = place().url
    await using proxy = await TcpProxy.to(Number(new URL(uri).port))
    using switches = new Switches(NAMES, {
      imports: `import { mongoStorage } from '@uptimeserver/mongo-storage'`,
      settings: `storage: mongoStorage({ uri: 'mongodb://127.0.0.1:${proxy.port}/?directConnection=true', db: '${db}' })`,
    })
    const outage = async () => {
      proxy.set('cut')
      return { [Symbol.asyncDispose]: async () => proxy.set('pass') }
    }
    const crashes = new Crashes({ seed, switches, outage })
    await crashes.suffer(livesWithOutages(rounds(2), crashes.random))
    await judge(crashes, mongoStorage({ uri, db }), `MongoDB and cuts, seed ${seed}`)
    await place().drop(db)
  })
})
