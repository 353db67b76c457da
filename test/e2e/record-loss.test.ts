import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openDatabase } from '../../plugins/sqlite-storage/src/driver.js'
import { Driven } from '../support/driven.js'
import { Ensemble } from '../support/ensemble.js'
import { recordOf } from '../support/fact-record.js'
import { faultsOf } from '../support/invariants.js'
import { Switches } from '../support/switches.js'
import { sleep } from '../support/uptime.js'

vi.setConfig({ testTimeout: 120_000 })

const NAMES = ['shop', 'good']

/** Two monitors of one file, and what becomes of the file. */
class Trial implements AsyncDisposable {
  readonly switches = new Switches(NAMES)
  readonly ensemble = new Ensemble(this.switches)
  readonly driven = new Driven(this.switches)

  async begin(): Promise<void> {
    for (let index = 0; index < 2; index++) this.ensemble.start()
    await this.ensemble.settled()
  }

  get database(): string {
    return this.switches.project.path('uptime.db')
  }

  /** A whole copy while others write, as SQLite makes it. */
  backUp(): string {
    const backup = join(this.switches.project.folder, 'backup.db')
    const database = openDatabase(this.database, true)
    database.exec(`VACUUM INTO '${backup}'`)
    database.close()
    return backup
  }

  /** One outage that is on record when it is over. */
  async outage(): Promise<void> {
    const leader = await this.ensemble.settled()
    this.driven.begin('shop')
    await this.driven.stored('shop', leader)
    await this.driven.end('shop', leader)
  }

  /** Until somebody has said that the record is lost, and exactly one leads again. */
  async noticed(): Promise<void> {
    await expect.poll(() => this.#codes, { timeout: 20_000 }).toContain('RECORD_LOST')
    // Whoever led looks anew who leads.
    await sleep(1_000)
    await this.ensemble.settled()
  }

  get #codes(): unknown[] {
    return this.ensemble.lines.filter(({ event }) => event === 'error').map(({ code }) => code)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ensemble[Symbol.asyncDispose]()
    this.switches[Symbol.dispose]()
  }

  /** What is wrong with the file, and with what it says. */
  async faults(): Promise<string[]> {
    const database = openDatabase(this.database, true)
    const check = Object.values(database.prepare('PRAGMA integrity_check').get()!)
    database.close()
    return [...check.filter((said) => said !== 'ok').map(String), ...faultsOf(await this.record())]
  }

  record() {
    return recordOf(this.switches.project)
  }
}

describe('a database file, under two monitors that use it', () => {
  test('is removed: the loss is told, and the outages that come are in a new one', async () => {
    await using trial = new Trial()
    await trial.begin()
    await trial.outage()
    const removed = Date.now()
    for (const end of ['', '-wal', '-shm']) rmSync(trial.database + end)
    await trial.noticed()
    await trial.outage()
    expect(await trial.faults()).toEqual([])
    const { services, downtimes, runs } = await trial.record()
    expect(services.map(({ name }) => name).sort()).toEqual([...NAMES].sort())
    expect(downtimes.map(({ start }) => start > removed)).toEqual([true])
    for (const { start } of runs) expect(start).toBeGreaterThan(removed)
  })

  test('is replaced by a backup: nothing is vouched for of which the backup knows nothing', async () => {
    await using trial = new Trial()
    await trial.begin()
    await trial.outage()
    const saved = Date.now()
    const backup = trial.backUp()
    await trial.outage()
    await sleep(500)
    const restored = Date.now()
    renameSync(backup, trial.database)
    await trial.noticed()
    await trial.outage()
    expect(await trial.faults()).toEqual([])
    const { downtimes, runs } = await trial.record()
    expect(
      downtimes.map(({ start }) => (start < saved ? 'before' : start > restored ? 'after' : 'lost')),
    ).toEqual(['before', 'after'])
    expect(runs.filter(({ start, end }) => start < restored && end > saved)).toEqual([])
  })
})
