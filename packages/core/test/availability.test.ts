import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Interval } from '../src/contracts.js'
import { availability, type Facts, type Policy } from '../src/figures/availability.js'
import { formatPercent } from '../src/figures/percent.js'
import { addSpan, intersect, measure, measureBoth, spansOf, subtract, unite } from '../src/figures/spans.js'

const always: Interval[] = [{ start: 0, end: null }]
const HOUR = { start: 0, end: 3_600_000 }
const at = (facts: Partial<Facts>, now = HOUR.end, policy?: Policy) =>
  availability(HOUR, { monitored: always, runs: always, downtimes: [], ...facts }, now, policy)

describe('the figure', () => {
  test('is the share of observed time that was up', () => {
    expect(at({ downtimes: [{ start: 60_000, end: 96_000 }] })).toEqual({
      elapsedMs: 3_600_000,
      observedMs: 3_600_000,
      downMs: 36_000,
      maintenanceMs: 0,
      uptime: 99,
      coverage: 100,
    })
  })

  test('counts time that nobody observed as nothing, and says how much was observed', () => {
    const runs = [{ start: 0, end: 1_800_000 }]
    const { uptime, observedMs, coverage } = at({ runs, downtimes: [{ start: 1_782_000, end: null }] })
    expect({ uptime, observedMs, coverage }).toEqual({ uptime: 99, observedMs: 1_800_000, coverage: 50 })
  })

  test('is null, neither 0 nor 100, where nothing was observed', () => {
    expect(at({ runs: [] })).toMatchObject({ uptime: null, coverage: 0 })
    expect(at({ monitored: [] })).toMatchObject({ uptime: null, coverage: null })
    expect(at({}, -5)).toMatchObject({ elapsedMs: 0, observedMs: 0, uptime: null, coverage: null })
  })

  test('is just below 100 when one millisecond of a thousand years was down', () => {
    const age = { start: 0, end: 1000 * 366 * 86_400_000 }
    const facts = { monitored: always, runs: always, downtimes: [{ start: 5, end: 6 }] }
    expect(availability(age, facts, age.end).uptime).toBeLessThan(100)
  })

  test('ends an open downtime at now, and knows nothing of the future', () => {
    const downtimes = [
      { start: 900_000, end: null },
      { start: 2_000_000, end: 3_000_000 },
    ]
    expect(at({ downtimes }, 1_800_000)).toMatchObject({
      elapsedMs: 1_800_000,
      downMs: 900_000,
      uptime: 50,
    })
  })
})

describe('policy', () => {
  const facts = {
    runs: [{ start: 0, end: 2_700_000 }],
    maintenance: [{ start: 0, end: 900_000 }],
    downtimes: [{ start: 0, end: 1_350_000 }],
  }
  test.each([
    [{}, 450_000, 75],
    [{ unobserved: 'up' }, 450_000, 83.33333333333333],
    [{ unobserved: 'down' }, 1_350_000, 50],
    [{ maintenance: 'up' }, 450_000, 83.33333333333333],
    [{ maintenance: 'down' }, 1_350_000, 50],
    [{ unobserved: 'down', maintenance: 'up' }, 1_350_000, 62.5],
  ] as [Policy, number, number][])('%j', (policy, downMs, uptime) => {
    const rest = { observedMs: 1_800_000, maintenanceMs: 900_000, coverage: (100 * 1_800_000) / 2_700_000 }
    expect(at(facts, HOUR.end, policy)).toEqual({ elapsedMs: 3_600_000, downMs, uptime, ...rest })
  })
})

/** How far the model looks: every moment of it has a cell of its own. */
const SIZE = 60
const moment = fc.integer({ min: -5, max: SIZE + 5 })
const interval: fc.Arbitrary<Interval> = fc.record({
  start: moment,
  end: fc.option(moment, { nil: null, freq: 6 }),
})
const intervals = (most: number) => fc.array(interval, { maxLength: most })
const rule = fc.constantFrom(undefined, 'exclude', 'up', 'down') as fc.Arbitrary<Policy['unobserved']>
const facts = fc.record({
  monitored: intervals(3),
  runs: intervals(4),
  gaps: intervals(3),
  downtimes: intervals(5),
  maintenance: intervals(2),
})

/** The same definition, told by a bitmap with one cell for each millisecond. */
function oracle(period: { start: number; end: number }, all: Required<Facts>, now: number, policy: Policy) {
  const holds = (set: readonly Interval[], t: number) =>
    set.some(({ start, end }) => start <= t && t < (end ?? now))
  const sums = { elapsedMs: 0, observedMs: 0, downMs: 0, maintenanceMs: 0 }
  let [counted, active] = [0, 0]
  for (let t = period.start; t < period.end && t < now; t++) {
    sums.elapsedMs++
    if (!holds(all.monitored, t)) continue
    let verdict: string
    if (holds(all.maintenance, t)) {
      sums.maintenanceMs++
      verdict = policy.maintenance ?? 'exclude'
    } else {
      active++
      const isObserved = holds(all.runs, t) && !holds(all.gaps, t)
      if (isObserved) sums.observedMs++
      const known = holds(all.downtimes, t) ? 'down' : 'up'
      verdict = isObserved ? known : (policy.unobserved ?? 'exclude')
    }
    if (verdict !== 'exclude') counted++
    if (verdict === 'down') sums.downMs++
  }
  return {
    ...sums,
    uptime: counted ? (100 * (counted - sums.downMs)) / counted : null,
    coverage: active ? (100 * sums.observedMs) / active : null,
  }
}

test('agrees with a bitmap of milliseconds on 100,000 random records', () => {
  fc.assert(
    fc.property(
      facts,
      moment,
      moment,
      moment,
      rule,
      rule,
      (all, start, end, now, unobserved, maintenance) => {
        const policy = { ...(unobserved && { unobserved }), ...(maintenance && { maintenance }) }
        const period = { start, end }
        expect(availability(period, all, now, policy)).toEqual(oracle(period, all, now, policy))
      },
    ),
    { numRuns: 100_000 },
  )
}, 120_000)

test('is the same whatever the order of the facts, and adds up over parts of the period', () => {
  fc.assert(
    fc.property(facts, moment, (all, cut) => {
      const reversed = Object.fromEntries(Object.entries(all).map(([key, set]) => [key, [...set].reverse()]))
      const whole = availability({ start: 0, end: SIZE }, all, SIZE)
      expect(availability({ start: 0, end: SIZE }, reversed as unknown as Facts, SIZE)).toEqual(whole)
      const middle = Math.min(Math.max(cut, 0), SIZE)
      const parts = [
        { start: 0, end: middle },
        { start: middle, end: SIZE },
      ].map((part) => availability(part, all, SIZE))
      for (const key of ['elapsedMs', 'observedMs', 'downMs', 'maintenanceMs'] as const) {
        expect(parts[0]![key] + parts[1]![key]).toBe(whole[key])
      }
    }),
    { numRuns: 2_000 },
  )
})

describe('sets of moments', () => {
  const spans = intervals(6).map((list) => spansOf(list, 0, SIZE))
  const cells = (set: readonly number[]) =>
    Array.from({ length: SIZE }, (_, t) =>
      set.some((start, i) => i % 2 === 0 && start <= t && t < set[i + 1]!),
    )

  test('union, intersection, difference and measure are those of their moments', () => {
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        const [inA, inB] = [cells(a), cells(b)]
        expect(cells(unite(a, b))).toEqual(inA.map((is, t) => is || inB[t]))
        expect(cells(intersect(a, b))).toEqual(inA.map((is, t) => is && inB[t]))
        expect(cells(subtract(a, b))).toEqual(inA.map((is, t) => is && !inB[t]))
        expect(measure(a, 10, 40)).toBe(inA.slice(10, 40).filter(Boolean).length)
        const both = inA.map((is, t) => is && inB[t])
        expect(measureBoth(a, b, 10, 40)).toBe(both.slice(10, 40).filter(Boolean).length)
      }),
    )
  })

  test('stay in order and apart', () => {
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        for (const set of [a, b, unite(a, b)]) {
          expect(set.every((value, i) => i === 0 || value > set[i - 1]!)).toBe(true)
        }
      }),
    )
  })

  test('a span that touches the last one becomes part of it', () => {
    const set = [0, 5]
    addSpan(set, 5, 7)
    addSpan(set, 6, 6.5)
    addSpan(set, 8, 9)
    expect(set).toEqual([0, 7, 8, 9])
  })
})

describe('formatPercent cuts and never rounds up', () => {
  test.each([
    [100, '100.000'],
    [99.9996, '99.999'],
    [99.99999999999999, '99.999'],
    [0.0004, '<0.001'],
    [1e-9, '<0.001'],
    [0, '0.000'],
    [1.15, '1.150'],
    [null, 'n/a'],
  ])('%s is shown as %s', (value, shown) => expect(formatPercent(value)).toBe(shown))

  test('to as many digits as are asked for', () => {
    expect([formatPercent(99.99, 0), formatPercent(1.15, 2), formatPercent(0.4, 0)]).toEqual([
      '99',
      '1.15',
      '<1',
    ])
    expect(formatPercent(95.12345678, 6)).toBe('95.123456')
  })
})
