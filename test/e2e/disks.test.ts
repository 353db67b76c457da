import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { onOwnDisk } from '../servers/private-mount.js'
import { failing } from '../servers/strace.js'
import { recordOf } from '../support/fact-record.js'
import { type InstanceOptions, startInstance } from '../support/instance.js'
import { faultsOf, lost, unfounded } from '../support/invariants.js'
import { orSkip } from '../support/or-skip.js'
import { patience } from '../support/rounds.js'
import { SqliteLock } from '../support/sqlite-lock.js'
import { Switches } from '../support/switches.js'
import { type Line, type Running, sleep } from '../support/uptime.js'
import { unwatched } from '../support/vouching.js'

vi.setConfig({ testTimeout: 120_000 })

/** How long a storage is away, in ms. */
const AWAY = patience(1) > 1 ? 30_000 : 10_000
const SHOP = 'shop'

const to = (wanted: string) => (line: Line) =>
  line.event === 'transition' && line.name === SHOP && line.to === wanted && line.stored !== null
const failures = ({ lines }: Running) => lines.filter(({ code }) => code === 'JOURNAL_FAILED')

/** A monitor whose storage another process keeps locked. */
class Trial implements AsyncDisposable {
  readonly switches = new Switches([SHOP, 'good'])
  readonly monitors: Running[] = []
  #lock: AsyncDisposable | undefined

  get folder(): string {
    return this.switches.project.path('uptime.journal')
  }

  /** Starts one, waits until it is well, and locks its storage. */
  async begin(options: InstanceOptions = {}): Promise<Running> {
    const monitor = this.start(options)
    await monitor.until(({ event, status }) => event === 'check' && status === 'up')
    await sleep(500)
    this.#lock = await SqliteLock.on(this.switches.project.path('uptime.db'))
    return monitor
  }

  start(options: InstanceOptions = {}): Running {
    const monitor = startInstance(this.switches.project, options)
    this.monitors.push(monitor)
    return monitor
  }

  /** One outage while the storage is away, of which is said that it waits. */
  async outage(monitor: Running): Promise<void> {
    this.switches.set(SHOP, true)
    expect(await monitor.until(to('down'))).toMatchObject({ stored: false })
    this.switches.set(SHOP, false)
    expect(await monitor.until(to('up'))).toMatchObject({ stored: false })
  }

  async unlock(): Promise<void> {
    await this.#lock?.[Symbol.asyncDispose]()
    this.#lock = undefined
  }

  /** Until everything that was told is on record, with its times. */
  async delivered(): Promise<void> {
    const { project } = this.switches
    const lines = () => this.monitors.flatMap((monitor) => monitor.lines)
    await vi.waitFor(async () => expect(lost(await recordOf(project), lines())).toEqual([]), {
      timeout: 30_000,
      interval: 200,
    })
    await Promise.all(this.monitors.map((monitor) => monitor.end('SIGTERM')))
    const record = await recordOf(project)
    expect(record.downtimes).toHaveLength(1)
    const faults = [
      faultsOf(record),
      lost(record, lines()),
      unfounded(record, lines()),
      unwatched(record, lines()),
    ]
    expect(faults.flat()).toEqual([])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.monitors.map((monitor) => monitor[Symbol.asyncDispose]()))
    await this.unlock()
    this.switches[Symbol.dispose]()
  }
}

const factsOn = (disk: string) =>
  readdirSync(disk)
    .filter((name) => name.endsWith('.journal'))
    .map((name) => readFileSync(`${disk}/${name}`, 'utf8'))
    .join('')

test(`a database that is locked for ${AWAY / 1_000} s: checks go on, what they find waits on disk, and comes on record with its times`, async () => {
  await using trial = new Trial()
  const monitor = await trial.begin()
  await sleep(1_500)
  const begun = Date.now()
  await trial.outage(monitor)
  await vi.waitFor(() => expect(readdirSync(trial.folder)).toHaveLength(1), 5_000)
  await sleep(Math.max(0, begun + AWAY - Date.now()))
  const checks = monitor
    .said('check')
    .filter(({ at, name }) => name === SHOP && Date.parse(String(at)) >= begun)
  expect(checks.length).toBeGreaterThan(AWAY / 200 / 2)
  await trial.unlock()
  await trial.delivered()
  expect(readdirSync(trial.folder)).toEqual([])
  expect(failures(monitor)).toEqual([])
})

test('a disk that fails to make the journal durable: it says so once, goes on, and nothing is lost when the storage is back', async ({
  skip,
}) => {
  await using trial = new Trial()
  const monitor = await trial.begin()
  {
    await using _ = await orSkip(failing(monitor.pid, ['fdatasync', 'fsync'], 'EIO'), skip)
    await sleep(1_500)
    await trial.outage(monitor)
    expect(failures(monitor)).toMatchObject([{ message: expect.stringContaining('EIO') }])
  }
  await trial.unlock()
  await trial.delivered()
  expect(failures(monitor)).toHaveLength(1)
})

test('a journal on a read-only disk: the same', async ({ skip }) => {
  await using trial = new Trial()
  const under = await orSkip(onOwnDisk(trial.folder, 'size=64k,ro'), skip)
  const monitor = await trial.begin({ under })
  await sleep(1_500)
  await trial.outage(monitor)
  expect(failures(monitor)).toMatchObject([{ message: expect.stringContaining('EROFS') }])
  await trial.unlock()
  await trial.delivered()
  expect(failures(monitor)).toHaveLength(1)
})

test('a journal on a full disk: the same; and when there is room again, what waits is on disk', async ({
  skip,
}) => {
  await using trial = new Trial()
  const under = await orSkip(onOwnDisk(trial.folder, 'size=64k'), skip)
  const monitor = await trial.begin({ under })
  const disk = `/proc/${monitor.pid}/root${trial.folder}`
  expect(() => writeFileSync(`${disk}/filler`, Buffer.alloc(128 * 1_024))).toThrow('ENOSPC')
  await sleep(1_500)
  await trial.outage(monitor)
  expect(failures(monitor)).toMatchObject([{ message: expect.stringContaining('ENOSPC') }])
  writeFileSync(`${disk}/filler`, '')
  await vi.waitFor(
    () => {
      const waiting = factsOn(disk)
      expect(waiting).toContain('"type":"down"')
      expect(waiting).toContain('"type":"up"')
    },
    { timeout: 15_000, interval: 100 },
  )
  await trial.unlock()
  await trial.delivered()
  expect(failures(monitor)).toHaveLength(1)
})
