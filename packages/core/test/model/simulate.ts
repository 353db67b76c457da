import { type Outcome, Scenario, type ScenarioOptions } from './scenario.js'

/** Always the same, so that a change is judged by itself; `random` at night, or the seed that a failure printed. */
const { UPTIME_TEST_SEED: seed = '819766515' } = process.env
const SEED = seed === 'random' ? Math.floor(Math.random() * 1e9) : Number(seed)

/** Runs scripts one after the other, each from a seed of its own, and says what they came to. */
export async function simulate(
  seeds: number,
  optionsOf: (index: number) => Omit<ScenarioOptions, 'seed'>,
): Promise<Outcome> {
  const sum = { steps: 0, faults: 0, judged: 0, vouched: 0, terms: 0 }
  for (let index = 0; index < seeds; index++) {
    const options = { seed: SEED + index, ...optionsOf(index) }
    const outcome = await new Scenario(options).run().catch((error) => {
      throw new Error(`seed ${options.seed}, ${JSON.stringify(options)}: ${error.message}`, { cause: error })
    })
    for (const key of Object.keys(sum) as (keyof Outcome)[]) sum[key] += outcome[key]
  }
  process.stdout.write(`simulated from seed ${SEED}: ${JSON.stringify(sum)}\n`)
  return sum
}

/** The nightly run goes on for longer. */
export const STEPS = Number(process.env.UPTIME_TEST_STEPS) || 100_000
export const SEEDS = Number(process.env.UPTIME_TEST_SEEDS) || 25
