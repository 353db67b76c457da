import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRunner, type TransitionEvent } from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import { socketProvider } from '@uptimeserver/socket-provider'
import { MemoryPlace, memoryStorage } from '@uptimeserver/testing'
import { describe, expect, test, vi } from 'vitest'
import { ask, Discovering, Place } from './support/socket.js'

vi.setConfig({ testTimeout: 30_000 })

const job = { type: 'heartbeat', name: 'backup', deadline: '1500ms', category: 'jobs' }
const poll = { timeout: 10_000, interval: 20 }

/** A monitor that checks ten times a second, with a socket. */
async function monitor(place: Place, storage = memoryStorage()) {
  const runner = createRunner({
    ...{ storage, every: '100ms', consolidators: [], services: [] },
    providers: [socketProvider({ path: place.socket })],
  })
  const seen: TransitionEvent[] = []
  runner.on('transition', (event) => seen.push(event))
  await runner.start()
  await expect.poll(() => existsSync(place.socket), poll).toBe(true)
  const statusOf = (name: string) => runner.status().find((service) => service.name === name)?.status
  return { runner, storage, seen, statusOf }
}

describe('a monitor that runs', () => {
  test('is down by silence, from the end of the deadline on, and up again from the next report on', async () => {
    using place = new Place()
    const { runner, storage, seen, statusOf } = await monitor(place)
    await using _ = runner
    const put = Date.now()
    await ask(place.socket, { op: 'put', services: job })
    await expect.poll(() => statusOf('backup'), poll).toBe('up')
    await ask(place.socket, { op: 'report', name: 'backup', status: 'up' })
    const reported = Date.now()
    await expect.poll(() => statusOf('backup'), poll).toBe('down')
    expect(Date.now() - put).toBeGreaterThan(1_500)
    await sleep(300)
    await ask(place.socket, { op: 'report', name: 'backup', status: 'up' })
    const back = Date.now()
    await expect.poll(() => statusOf('backup'), poll).toBe('up')
    const [downtime] = await all(storage.downtimes())
    expect(downtime!.reason).toMatch(/^no report for 1\.[56]s \(deadline 1\.5s\)$/)
    expect(Math.abs(downtime!.start - reported - 1_500)).toBeLessThan(60)
    expect(Math.abs(downtime!.end! - back)).toBeLessThan(60)
    expect(seen.map(({ to }) => to)).toEqual(['up', 'down', 'up'])
  })

  test('is down by a report, with its reason and its own time', async () => {
    using place = new Place()
    const { runner, storage, statusOf } = await monitor(place)
    await using _ = runner
    await ask(place.socket, { op: 'put', services: { ...job, deadline: '1h' } })
    await expect.poll(() => statusOf('backup'), poll).toBe('up')
    const { id } = await ask(place.socket, { op: 'report', name: 'backup', status: 'up' })
    await sleep(1_000)
    const at = Date.now() - 500
    const report = { op: 'report', id, status: 'down', reason: 'disk full', at: new Date(at).toISOString() }
    expect(await ask(place.socket, report)).toMatchObject({ ok: true, status: 'down', isLatest: true })
    await expect.poll(() => statusOf('backup'), poll).toBe('down')
    expect((await all(storage.downtimes())).map(({ start, reason }) => [start, reason])).toEqual([
      [at, 'disk full'],
    ])
  })

  test('loses no outage that comes and goes between two checks', async () => {
    using place = new Place()
    const { runner, storage, statusOf } = await monitor(place)
    await using _ = runner
    await ask(place.socket, { op: 'put', services: { ...job, deadline: '1h', every: '2s' } })
    await expect.poll(() => statusOf('backup'), poll).toBe('up')
    await ask(place.socket, { op: 'report', name: 'backup', status: 'down', reason: 'short' })
    await sleep(200)
    await ask(place.socket, { op: 'report', name: 'backup', status: 'up' })
    await expect.poll(async () => (await all(storage.downtimes()))[0]?.end, poll).toBeGreaterThan(0)
    const { start, end, reason } = (await all(storage.downtimes()))[0]!
    expect(reason).toBe('short')
    expect(Math.abs(end! - start - 200)).toBeLessThan(100)
  })

  test('that was away does not take its own absence for silence, nor forget what was down by a report', async () => {
    using place = new Place()
    const records = new MemoryPlace()
    const first = await monitor(place, memoryStorage(records))
    const bad = { ...job, name: 'mail' }
    await ask(place.socket, { op: 'put', services: [job, bad] })
    await ask(place.socket, { op: 'report', name: 'backup', status: 'up' })
    await ask(place.socket, { op: 'report', name: 'mail', status: 'down', reason: 'queue full' })
    await expect.poll(() => first.statusOf('mail'), poll).toBe('down')
    await first.runner.stop()
    await sleep(2_000)
    const second = await monitor(place, memoryStorage(records))
    await using _ = second.runner
    await expect.poll(() => second.statusOf('backup'), poll).toBe('up')
    await expect.poll(() => second.statusOf('mail'), poll).toBe('down')
    await expect.poll(() => second.statusOf('backup'), poll).toBe('down')
    const downtimes = await all(second.storage.downtimes())
    expect(downtimes.map(({ reason, end }) => [reason.split(' for')[0], end])).toEqual([
      ['queue full', null],
      ['no report', null],
    ])
  })
})

describe('a restart', () => {
  test('leaves down what is down by silence: its downtime goes on until a report', async () => {
    using place = new Place()
    const records = new MemoryPlace()
    const first = await monitor(place, memoryStorage(records))
    await ask(place.socket, { op: 'put', services: job })
    await expect.poll(() => first.statusOf('backup'), poll).toBe('down')
    await first.runner.stop()
    const second = await monitor(place, memoryStorage(records))
    await using _ = second.runner
    await sleep(1_000)
    expect(second.statusOf('backup')).toBe('down')
    await ask(place.socket, { op: 'report', name: 'backup', status: 'up' })
    const reported = Date.now()
    await expect.poll(() => second.statusOf('backup'), poll).toBe('up')
    const downtimes = await all(second.storage.downtimes())
    expect(downtimes).toHaveLength(1)
    expect(Math.abs(downtimes[0]!.end! - reported)).toBeLessThan(100)
  })

  test('does not begin the deadline anew', async () => {
    using place = new Place()
    const records = new MemoryPlace()
    const first = await monitor(place, memoryStorage(records))
    await ask(place.socket, { op: 'put', services: { ...job, deadline: '4s' } })
    await sleep(3_000)
    expect(first.statusOf('backup')).toBe('up')
    await first.runner.stop()
    const second = await monitor(place, memoryStorage(records))
    await using _ = second.runner
    const started = Date.now()
    await expect.poll(() => second.statusOf('backup'), poll).toBe('down')
    expect(Date.now() - started).toBeLessThan(2_500)
  })
})

describe('a report', () => {
  test('is for a heartbeat that is there, and for one', async () => {
    using place = new Place()
    await using running = await Discovering.of(socketProvider({ path: place.socket }))
    const report = (which: object) => ask(place.socket, { op: 'report', status: 'up', ...which })
    expect((await report({ name: 'backup' })).problems).toEqual([
      {
        ...{ path: '', found: 'no service with the name "backup"' },
        expected: 'one of the type heartbeat: only these are reported; put it first',
      },
    ])
    const { ids } = await ask(place.socket, { op: 'put', services: [job, { ...job, category: 'web' }] })
    const { problems } = await report({ name: 'backup' })
    expect(problems[0].found).toBe(`2 services with the name "backup": ${ids[0]} (jobs), ${ids[1]} (web)`)
    expect(await report({ name: 'backup', category: 'web' })).toMatchObject({ ok: true, id: ids[1] })
    expect(await report({ id: ids[0] })).toMatchObject({ ok: true, id: ids[0], status: 'up' })
    expect(running.error).toBeUndefined()
  })

  test('of a time far ahead is refused; an old one is told to be old', async () => {
    using place = new Place()
    await using _ = await Discovering.of(socketProvider({ path: place.socket }))
    await ask(place.socket, { op: 'put', services: job })
    const report = (at: number | string) =>
      ask(place.socket, { op: 'report', name: 'backup', status: 'down', at })
    expect(await report(Date.now() + 3_600_000)).toMatchObject({ ok: false, problems: [{ path: 'at' }] })
    expect(await report('2026-11-22T08:00:00')).toMatchObject({ ok: false, problems: [{ path: 'at' }] })
    expect(await report('2026-11-22T09:00:00+01:00')).toMatchObject({
      ...{ isLatest: true, at: '2026-11-22T08:00:00.000Z' },
    })
    expect(await report('2026-11-22T07:00:00Z')).toMatchObject({ ok: true, isLatest: false })
  })

  test('outlives that its heartbeat is put again, with another deadline', async () => {
    using place = new Place()
    await using running = await Discovering.of(socketProvider({ path: place.socket }))
    await ask(place.socket, { op: 'put', services: job })
    await ask(place.socket, { op: 'report', name: 'backup', status: 'down', reason: 'no space' })
    await ask(place.socket, { op: 'put', services: { ...job, deadline: '1d' } })
    await running.until((sets) => sets.length > 2 || sets.at(-1)!.services.length > 0)
    const { services } = await ask(place.socket, { op: 'list' })
    expect(services).toMatchObject([
      { entry: { deadline: '1d' }, report: { status: 'down', reason: 'no space' } },
    ])
  })
})
