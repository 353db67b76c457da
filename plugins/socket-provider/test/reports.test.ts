import { FakeClock } from '@uptimeserver/testing'
import { expect, test } from 'vitest'
import { Reports } from '../src/reports.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const MINUTE = 60_000
const DEADLINE = 5 * MINUTE

/** A heartbeat that was put just now. */
function put(last?: ConstructorParameters<typeof Reports>[1]) {
  const clock = new FakeClock(START)
  const reports = new Reports(clock.monotonic(), last)
  const looks = () => {
    const verdict = reports.next(clock, DEADLINE)
    return verdict && [verdict.status, (verdict.at - START) / MINUTE, verdict.reason]
  }
  const says = (status: 'up' | 'down', at?: number, reason?: string) =>
    reports.take(clock, { status, at: at === undefined ? undefined : START + at * MINUTE, reason }, DEADLINE)
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

test('what was reported before a restart holds, and silence begins anew with it', async () => {
  const up = put({ status: 'up', at: START - 60 * MINUTE })
  expect(up.looks()).toEqual(['up', -60, undefined])
  await up.pass(5.5)
  expect(up.looks()).toEqual(['down', 5, 'no report for 5m 30s (deadline 5m)'])
  const down = put({ status: 'down', at: START - 60 * MINUTE, reason: 'exit code 1' })
  expect(down.looks()).toEqual(['down', -60, 'exit code 1'])
})
