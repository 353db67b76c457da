import type { Service, Timing, TimingOptions } from '../contracts.js'
import { parseDuration } from '../duration.js'

/** Where nobody says otherwise. */
export const DEFAULT_TIMING: Timing = { every: 60_000, retryEvery: 5_000, timeout: 10_000, attempts: 3 }
export const DEFAULT_CONCURRENCY = 100

const DURATIONS = ['every', 'retryEvery', 'timeout'] as const

/**
 * Merges timings: core's default, then the plugin's, then the config's, then the service's own. Equal results are
 * one object, because ten thousand services mostly share theirs.
 */
export function createTimingResolver(config: TimingOptions): (service: Service) => Timing {
  const shared = new Map<string, Timing>()
  return ({ defaults, timing }) => {
    const merged = mergeTiming(DEFAULT_TIMING, defaults, config, timing)
    const key = `${merged.every}/${merged.retryEvery}/${merged.timeout}/${merged.attempts}`
    const known = shared.get(key)
    if (known) return known
    shared.set(key, merged)
    return merged
  }
}

function mergeTiming(base: Timing, ...layers: readonly (TimingOptions | undefined)[]): Timing {
  const merged = { ...base }
  for (const layer of layers) {
    for (const key of DURATIONS) merged[key] = parseDuration(layer?.[key]) ?? merged[key]
    merged.attempts = layer?.attempts ?? merged.attempts
  }
  merged.retryEvery = Math.min(merged.retryEvery, merged.every)
  return Object.freeze(merged)
}

/** Bare numbers that look like seconds: legal, but worth a word. */
export function timingWarnings(timing: TimingOptions | undefined, where: string): string[] {
  return DURATIONS.flatMap((key) => {
    const value = timing?.[key]
    if (typeof value !== 'number' || value >= 1_000) return []
    return [
      `${where}${key}: ${value} is milliseconds; write '${value}ms' if that is meant, '${value}s' for seconds`,
    ]
  })
}
