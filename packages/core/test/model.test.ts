import { expect, test } from 'vitest'
import { Scenario } from './model/scenario.js'

const SEED = Number(process.env.UPTIME_TEST_SEED) || Math.floor(Math.random() * 1e9)
const SEEDS = Number(process.env.UPTIME_TEST_SEEDS) || 50
const STEPS = Number(process.env.UPTIME_TEST_STEPS) || 100_000

test(`${SEEDS} scripts of faults from seed ${SEED}, ${STEPS} steps each: after each recovery the record says what the checks saw`, async () => {
  const sum = { steps: 0, faults: 0, judged: 0, vouched: 0, terms: 0 }
  for (let index = 0; index < SEEDS; index++) {
    const seed = SEED + index
    const options = { seed, steps: STEPS, instances: 1 + (index % 5), services: 50, skewed: index % 4 === 3 }
    const outcome = await new Scenario(options).run().catch((error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
    })
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key]
  }
  console.log(JSON.stringify({ seed: SEED, ...sum }))
  expect(sum.judged).toBeGreaterThan(sum.steps / 1_000)
}, 600_000)
