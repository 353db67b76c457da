import { FakeClock } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { type Memory, Reports } from '../src/reports.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const MINUTE = 60_000
const DEADLINE = 5 * MINUTE

/** A heartbeat that was put just now. */
function put() {
  const clock = new FakeClock(START)
  return at(clock, new Reports(clock.monotonic()))
}

function at(clock: FakeClock, reports: Reports) {
  const looks = () => {
    const verdict = reports.next(clock, DEADLINE)
    return verdict && [verdict.status, (verdict.at - START) / MINUTE, verdict.reason]
  }
  const says = (status: 'up' | 'down', minute?: number, reason?: string) =>
    reports.take(
      clock,
      { status, at: minute === undefined ? undefined : START + minute * MINUTE, reason },
      DEADLINE,
    )
  const pass = (minutes: number) => clock.advance(minutes * MINUTE)
  return { clock, reports, looks, says, pass }
}

test('before the first report there is a whole deadline of time; then silence is down, since its end', async () => {
  const { looks, pass } = put()
  expect(looks()).toBeUndefined()
  await pass(4.9)
  expect(looks()).toBeUndefined()
  await pass(2.1)
  expect(looks()).toEqual(['down', 5, 'no report for 7m (deadline 5m)'])
})

test('a report is up until the deadline after it', async () => {
  const { looks, says, pass } = put()
  await pass(3)
  says('up')
  await pass(4.9)
  expect(looks()).toEqual(['up', 3, undefined])
  await pass(0.2)
  expect(looks()).toEqual(['down', 8, 'no report for 5m 6s (deadline 5m)'])
  says('up')
  expect(looks()).toEqual(['up', 8.1, undefined])
})

test('a report of failure is down with its reason, and its own time, however long nothing more is said', async () => {
  const { looks, says, pass } = put()
  await pass(10)
  says('down', 8, 'exit code 3')
  expect(looks()).toEqual(['down', 5, 'no report for 10m (deadline 5m)'])
  await pass(60)
  expect(looks()).toEqual(['down', 8, 'exit code 3'])
})

test('an outage that was over before anybody looked is told: each look hands on one change', async () => {
  const { looks, says, pass } = put()
  says('up')
  expect(looks()).toEqual(['up', 0, undefined])
  await pass(1)
  says('down', undefined, 'disk full')
  await pass(1)
  says('down', undefined, 'disk full still')
  await pass(1)
  says('up')
  expect([looks(), looks(), looks()]).toEqual([
    ['down', 1, 'disk full'],
    ['up', 3, undefined],
    ['up', 3, undefined],
  ])
})

test('a silence that was over before anybody looked is told, too', async () => {
  const { looks, says, pass } = put()
  says('up')
  looks()
  await pass(20)
  says('up')
  expect([looks(), looks()]).toEqual([
    ['down', 5, 'no report for 20m (deadline 5m)'],
    ['up', 20, undefined],
  ])
})

test('of very many changes between two looks the first are told, and how it stands in the end is right', async () => {
  for (const last of ['up', 'down'] as const) {
    const { looks, says, pass } = put()
    for (let index = 0; index < 501; index++) {
      says(index % 2 === (last === 'up' ? 0 : 1) ? 'up' : 'down')
      await pass(0.001)
    }
    const seen = Array.from({ length: 30 }, () => looks()![0])
    expect(seen.slice(21)).toEqual(Array(9).fill(last))
    expect(seen.slice(0, 18).every((status, index) => status !== seen[index + 1])).toBe(true)
  }
})

test('a report that is older than the last one changes nothing', async () => {
  const { looks, says, pass, reports } = put()
  await pass(4)
  says('up', 3)
  expect(says('down', 2)).toBeUndefined()
  expect(reports.last?.status).toBe('up')
  expect(looks()).toEqual(['up', 3, undefined])
  expect(says('down', 3)).toMatchObject({ status: 'down' })
})

test('a report of a time to come is one of now', async () => {
  const { says, pass } = put()
  await pass(1)
  expect(says('up', 1.5)?.at).toBe(START + MINUTE)
})

test('a clock that is set makes no silence, and no report late', async () => {
  const { looks, says, pass, clock } = put()
  says('up')
  looks()
  clock.jump(24 * 60 * MINUTE)
  expect(looks()![0]).toBe('up')
  await pass(1)
  says('up')
  clock.jump(-24 * 60 * MINUTE)
  await pass(4.9)
  says('down', 4)
  expect(looks()![0]).toBe('down')
})

/** The same heartbeat in the next process, after some minutes without any. */
function restart({ reports, clock }: Pick<ReturnType<typeof put>, 'reports' | 'clock'>, away: number) {
  const memory: Memory = JSON.parse(JSON.stringify(reports.memory(clock, DEADLINE)))
  const next = new FakeClock(clock.now() + away * MINUTE)
  return at(next, new Reports(next.monotonic(), memory))
}

test('a restart leaves what is left of the deadline; the time in between is no silence', async () => {
  const before = put()
  before.says('up')
  expect(before.looks()).toEqual(['up', 0, undefined])
  await before.pass(3)
  const after = restart(before, 600)
  expect(after.looks()).toEqual(['up', 0, undefined])
  await after.pass(1.9)
  expect(after.looks()![0]).toBe('up')
  await after.pass(0.6)
  expect(after.looks()).toEqual(['down', 605, 'no report for 5m 30s (deadline 5m)'])
})

test('silence adds up over many restarts, each of them sooner than the deadline', async () => {
  let beat = put()
  for (let index = 0; index < 4; index++) {
    expect(beat.looks()).toBeUndefined()
    await beat.pass(1.5)
    beat = restart(beat, 0.1)
  }
  expect(beat.looks()![0]).toBe('down')
})

test('what is down by silence stays so over restarts, since the same time, until a report', async () => {
  const before = put()
  await before.pass(7)
  expect(before.looks()![1]).toBe(5)
  let after = restart(restart(before, 60), 60)
  expect(after.looks()!.slice(0, 2)).toEqual(['down', 5])
  await after.pass(1)
  expect(after.looks()!.slice(0, 2)).toEqual(['down', 5])
  after.says('up')
  after = restart(after, 60)
  expect(after.looks()).toEqual(['up', 128, undefined])
})

test('what is down by a report stays so over a restart, until up is reported', async () => {
  const before = put()
  before.says('down', undefined, 'exit code 1')
  await before.pass(60)
  const after = restart(before, 60)
  expect(after.looks()).toEqual(['down', 0, 'exit code 1'])
  after.says('up')
  expect(after.looks()).toEqual(['up', 120, undefined])
})
