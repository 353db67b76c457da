import { createRequire } from 'node:module'
import type { Temporal } from 'temporal-polyfill'

export type PlainDate = Temporal.PlainDate

let loaded: typeof Temporal | undefined

/**
 * Node's own Temporal where it has one (26), else the polyfill. Loaded when it is first needed: it takes some 15 ms, which
 * a start of `uptime` cannot spare. `require`, because those who ask cannot wait for an `import()`.
 */
export function temporal(): typeof Temporal {
  loaded ??= (globalThis as { Temporal?: typeof Temporal }).Temporal ?? requirePolyfill()
  return loaded
}

function requirePolyfill(): typeof Temporal {
  const require = createRequire(import.meta.url)
  return (require('temporal-polyfill') as typeof import('temporal-polyfill')).Temporal
}
