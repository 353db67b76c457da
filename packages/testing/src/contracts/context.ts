import { type Context, systemClock } from '@uptimeserver/core'

const nothing = () => undefined

/** A context on the machine's clock that says nothing and is not aborted. */
export function quietContext(signal: AbortSignal = new AbortController().signal): Context {
  return { signal, clock: systemClock, log: { debug: nothing, info: nothing, warn: nothing, error: nothing } }
}
