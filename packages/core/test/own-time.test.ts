import { expect, test } from 'vitest'
import type { Context } from '../src/index.js'
import { seenAt } from '../src/kit/index.js'
import { World } from './support/world.js'

const START = Date.parse('2026-01-01T00:00:00Z')

interface Report {
  readonly ok: boolean
  /** What it says of itself, in ms since the start. */
  readonly at: number
  /** When the service hears of it. */
  readonly arrives: number
}

const up = (at: number, arrives = at): Report => ({ ok: true, at, arrives })
const down = (at: number, arrives = at): Report => ({ ok: false, at, arrives })

/** A minute of a service that hands over what was reported to it last, every 10 s. */
async function told(...reports: Report[]) {
  const service = {
    kind: 'reported',
    name: 'job',
    timing: { every: 10_000, attempts: 1 },
    async check({ clock }: Context) {
      const { ok, at } = reports.findLast(({ arrives }) => START + arrives <= clock.now()) ?? reports[0]!
      if (!ok) throw seenAt(START + at, new Error('exit code 1'))
      return seenAt(START + at, { rows: 3 })
    },
  }
  const world = await new World({ services: [service] }).start()
  const checks: { at: number; detail: unknown }[] = []
  world.runner.on('check', ({ at, detail }) => checks.push({ at: at - START, detail }))
  await world.clock.advance(60_000)
  const downtimes = (await world.downtimes()).map(({ start, end }) => [start - START, end && end - START])
  await world.runner.stop()
  return { checks, downtimes }
}

test('a downtime begins and ends when a result says it did, not when the check came to see it', async () => {
  const { downtimes, checks } = await told(up(0), down(13_000), up(38_500))
  expect(downtimes).toEqual([[13_000, 38_500]])
  expect(checks[0]!.detail).toEqual({ rows: 3 })
})

test('a result counts back to the check before it and no further: that one said what was so until then', async () => {
  const { downtimes, checks } = await told(up(0), up(21_000), down(5_000, 31_000), up(41_000))
  expect(downtimes).toEqual([[21_000, 41_000]])
  expect(checks.map(({ at }) => at)).toEqual([...checks.map(({ at }) => at)].sort((a, b) => a - b))
})

test('no result is ahead of its check', async () => {
  const { downtimes } = await told(up(0), down(99_000_000, 21_000))
  expect(downtimes).toEqual([[expect.any(Number), null]])
  expect(downtimes[0]![0]).toBeGreaterThan(21_000)
  expect(downtimes[0]![0]).toBeLessThan(32_000)
})

test('the first result of a run has the time of its check: what was before was not observed', async () => {
  const { downtimes } = await told(down(-50_000), up(15_000))
  expect(downtimes).toEqual([[0, 15_000]])
})
