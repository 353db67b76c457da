import { expect, test } from 'vitest'
import { SEEDS, STEPS, simulate } from './model/simulate.js'

/** Three to five instances; every fourth time with clocks that are hours apart and are set. */
const many = (index: number) => ({
  steps: STEPS,
  instances: 3 + (index % 3),
  services: 50,
  skewed: index % 4 === 3,
})

test('scripts of faults for many: never two accepted writers, and the record says what the checks saw', async () => {
  const { judged, terms } = await simulate(SEEDS, many)
  expect(judged).toBeGreaterThan(SEEDS)
  expect(terms).toBeGreaterThan(SEEDS * 3)
}, 1_200_000)
