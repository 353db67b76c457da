import { renameSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { wallClock } from '../servers/faketime.js'
import { type FactRecord, recordOf } from '../support/fact-record.js'
import { startInstance } from '../support/instance.js'
import { faultsOf, faultsOfLog, lost } from '../support/invariants.js'
import { orSkip } from '../support/or-skip.js'
import { Switches } from '../support/switches.js'
import { type Line, type Running, sleep } from '../support/uptime.js'

vi.setConfig({ testTimeout: 60_000 })

const HOUR = 3_600_000
/** Checks of one service within a second of ours, when one is due every 200 ms; more is a burst. */
const BURST = 12
const SHOP = 'shop'

/** A monitor whose wall clock a test sets, and when its lines came by our clock. */
class Timeless implements AsyncDisposable {
  readonly switches = new Switches([SHOP])
  readonly monitor: Running
  /** When each check came, by a clock that nobody sets, in ms. */
  readonly heard: number[] = []
  readonly #watch: NodeJS.Timeout

  constructor(env: NodeJS.ProcessEnv, clock: string) {
    this.set(clock)
    const file = { FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_NO_CACHE: '1' }
    this.monitor = startInstance(this.switches.project, { env: { ...env, ...file } })
    this.#watch = setInterval(() => {
      const checks = this.monitor.said('check').length
      while (this.heard.length < checks) this.heard.push(performance.now())
    }, 5)
  }

  get #file(): string {
    return this.switches.project.path('clock')
  }

  /** `+7200` */
  set(clock: string): void {
    writeFileSync(`${this.#file}.next`, clock)
    renameSync(`${this.#file}.next`, this.#file)
  }

  /** Until it has been checked so often from now on. Returns the last. */
  async checks(count: number): Promise<Line> {
    const from = this.monitor.said('check').length
    await vi.waitFor(() => expect(this.monitor.said('check').length).toBeGreaterThanOrEqual(from + count), {
      timeout: count * 200 + 3_000,
      interval: 20,
    })
    return this.monitor.said('check')[from + count - 1]!
  }

  /** One outage, from its first check to the good one. */
  async outage(during: () => Promise<unknown>): Promise<void> {
    const { monitor, switches } = this
    const from = monitor.lines.length
    const later = (line: Line) => monitor.lines.indexOf(line, from) >= from && line.event === 'check'
    switches.set(SHOP, true)
    await monitor.until((line) => later(line) && line.status === 'down')
    await during()
    switches.set(SHOP, false)
    const failed = monitor.lines.length
    await monitor.until((line) => monitor.lines.indexOf(line, failed) >= failed && line.status === 'up')
  }

  /** Ends it, and returns what is on record. */
  async end(): Promise<FactRecord> {
    expect((await this.monitor.end('SIGTERM')).code).toBe(0)
    expect(this.monitor.said('error')).toEqual([])
    expect(this.monitor.stderr).toBe('')
    return recordOf(this.switches.project)
  }

  /** Never more checks within a second than there should be, and never long without one. */
  insistOnPace(): void {
    const most = this.heard.map(
      (at) => this.heard.filter((other) => at <= other && other < at + 1_000).length,
    )
    const pauses = this.heard.slice(1).map((at, index) => at - this.heard[index]!)
    expect(Math.max(...most)).toBeLessThanOrEqual(BURST)
    expect(Math.max(...pauses)).toBeLessThan(2_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch)
    await this.monitor[Symbol.asyncDispose]()
    this.switches[Symbol.dispose]()
  }
}

const opened: Timeless[] = []
afterEach(() => Promise.all(opened.splice(0).map((one) => one[Symbol.asyncDispose]())))

async function start(env: NodeJS.ProcessEnv, clock: string): Promise<Timeless> {
  const timeless = new Timeless(env, clock)
  opened.push(timeless)
  await timeless.checks(5)
  return timeless
}

test.for([['forward', '+7200', 2 * HOUR] as const, ['back', '-7200', -2 * HOUR] as const])(
  'the clock is set two hours %s during an outage: the run is split, nothing bursts or stalls, and the outage goes on',
  async ([, clock, by], { skip }) => {
    const timeless = await start(await orSkip(wallClock({}), skip), '+0')
    const { monitor } = timeless
    await timeless.outage(async () => {
      const before = await timeless.checks(2)
      timeless.set(clock)
      const after = await timeless.checks(10)
      const apart = Date.parse(String(after.at)) - Date.parse(String(before.at))
      expect(Math.abs(apart - by)).toBeLessThan(10_000)
    })
    expect(monitor.said('run').map(({ reason }) => reason)).toEqual([
      'started',
      'the clock was set, or the machine was suspended',
    ])
    timeless.insistOnPace()
    const record = await timeless.end()
    expect(faultsOfLog(record)).toEqual([])
    expect(record.runs).toHaveLength(2)
    expect(record.downtimes).toHaveLength(1)
    for (const { start: begun, end } of record.downtimes) expect(end).toBeGreaterThanOrEqual(begun)
    for (const run of record.runs) expect(run.end).toBeGreaterThanOrEqual(run.start)
  },
)

test('the clock jumps to and fro: a run for each time, no burst and no stall', async ({ skip }) => {
  const timeless = await start(await orSkip(wallClock({}), skip), '+0')
  for (const clock of ['+7200', '+0', '-7200', '+0']) {
    timeless.set(clock)
    await timeless.checks(8)
  }
  timeless.insistOnPace()
  const record = await timeless.end()
  expect(faultsOfLog(record)).toEqual([])
  expect(timeless.monitor.said('run')).toHaveLength(5)
  expect(record.downtimes).toEqual([])
})

test.for([['begins', '2026-03-29T00:59:57Z'] as const, ['ends', '2026-10-25T00:59:57Z'] as const])(
  'summer time %s in Berlin: nothing happens to a monitor',
  async ([, moment], { skip }) => {
    const apart = Math.round((Date.parse(moment) - Date.now()) / 1_000)
    const env = await orSkip(wallClock({ TZ: 'Europe/Berlin' }), skip)
    const timeless = await start(env, `${apart > 0 ? '+' : ''}${apart}`)
    await timeless.outage(() => sleep(5_000))
    timeless.insistOnPace()
    const record = await timeless.end()
    const turn = Date.parse(moment) + 3_000
    expect(record.runs).toHaveLength(1)
    expect(record.runs[0]!.start).toBeLessThan(turn)
    expect(record.runs[0]!.end).toBeGreaterThan(turn)
    expect([...faultsOf(record), ...lost(record, timeless.monitor.lines)]).toEqual([])
    expect(record.downtimes).toHaveLength(1)
  },
)
