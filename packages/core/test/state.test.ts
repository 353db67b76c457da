import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advance, restoredDown, type State, shownSince, UNKNOWN } from '../src/monitor/state.js'

const up = (at: number) => ({ ok: true, at })
const down = (at: number, afterHole = false) => ({ ok: false, at, afterHole })
const after = (
  verdicts: readonly { ok: boolean; at: number; afterHole?: boolean }[],
  attempts = 3,
  from = UNKNOWN,
) => verdicts.reduce((state, verdict) => advance(state, verdict, attempts), from)

test('the first verdict is up at once, and down only after all attempts', () => {
  expect(after([up(1)])).toMatchObject({ status: 'up', since: 1 })
  expect(after([down(1)])).toMatchObject({ status: 'soft', failures: 1, streak: 1 })
  expect(after([down(1), down(2)])).toMatchObject({ status: 'soft', failures: 2, streak: 1 })
  expect(after([down(1), down(2), down(3)])).toMatchObject({ status: 'down', since: 1 })
})

test('with one attempt the first failure is hard', () => {
  expect(after([up(1), down(2)], 1)).toMatchObject({ status: 'down', since: 2 })
})

test('a soft failure that recovers was up all the time', () => {
  expect(after([up(1), down(2), up(3)])).toEqual({ status: 'up', since: 1, failures: 0, streak: null })
})

test('a hole breaks a streak, and nothing else', () => {
  expect(after([up(1), down(2), down(3), down(9, true)])).toMatchObject({
    status: 'soft',
    failures: 1,
    streak: 9,
  })
  expect(after([down(1), down(2), down(3), down(9, true)])).toMatchObject({ status: 'down', since: 1 })
})

test('a restored downtime goes on with one failure and ends with one success', () => {
  expect(after([down(9)], 3, restoredDown(5))).toMatchObject({ status: 'down', since: 5 })
  expect(after([up(9)], 3, restoredDown(5))).toMatchObject({ status: 'up', since: 9 })
})

test('nothing new is the same object', () => {
  const state = after([up(1)])
  expect(advance(state, up(2), 3)).toBe(state)
  const failed = after([down(1), down(2), down(3)])
  expect(advance(failed, down(4), 3)).toBe(failed)
})

/** The oracle: looks back over the whole history each time, with no state at all. */
function oracle(history: readonly { ok: boolean; at: number; afterHole: boolean }[], attempts: number) {
  let downSince: number | null = null
  let streak: number[] = []
  for (const { ok, at, afterHole } of history) {
    if (ok) {
      downSince = null
      streak = []
    } else if (downSince === null) {
      streak = afterHole ? [at] : [...streak, at]
      if (streak.length >= attempts) downSince = streak[0]!
    }
  }
  if (!history.length) return { status: 'unknown', since: null }
  if (downSince !== null) return { status: 'down', since: downSince }
  return streak.length ? { status: 'soft', since: streak[0] } : { status: 'up', since: undefined }
}

test('it agrees with an oracle that remembers everything', () => {
  const verdict = fc.record({
    ok: fc.boolean(),
    step: fc.integer({ min: 1, max: 50 }),
    afterHole: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(verdict, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (steps, attempts) => {
      const ends = steps.map((_, index) => steps.slice(0, index + 1).reduce((sum, { step }) => sum + step, 0))
      const history = steps.map(({ ok, afterHole }, index) => ({ ok, afterHole, at: ends[index]! }))
      history.forEach((_, index) => {
        const seen = history.slice(0, index + 1)
        const state: State = after(seen, attempts)
        const expected = oracle(seen, attempts)
        expect(state.status).toBe(expected.status)
        if (expected.since !== undefined) expect(shownSince(state)).toBe(expected.since)
        if (state.status === 'up') expect(state.since).toBeLessThanOrEqual(seen.at(-1)!.at)
      })
    }),
    { numRuns: 500 },
  )
})

test('it never leaves the transitions of the design', () => {
  const allowed = new Set([
    'unknown→up',
    'unknown→soft',
    'unknown→down',
    'up→up',
    'up→soft',
    'up→down',
    'soft→up',
    'soft→soft',
    'soft→down',
    'down→down',
    'down→up',
  ])
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 4 }), (oks, attempts) => {
      let state = UNKNOWN
      oks.forEach((ok, at) => {
        const next = advance(state, { ok, at }, attempts)
        expect(allowed).toContain(`${state.status}→${next.status}`)
        if (attempts > 1) expect(`${state.status}→${next.status}`).not.toMatch(/^(unknown|up)→down/)
        state = next
      })
    }),
  )
})
