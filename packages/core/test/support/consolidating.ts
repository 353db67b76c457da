import { systemClock } from '../../src/clock.js'
import type { ConsolidatorContext, Storage } from '../../src/contracts.js'

export const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** What a consolidator is handed at a moment. */
export function contextAt(
  now: number,
  zone = 'UTC',
  signal: AbortSignal = new AbortController().signal,
): ConsolidatorContext {
  return { signal, log: quiet, clock: { ...systemClock, now: () => now }, zone }
}

/** The same storage, but for some of what it does. */
export function replacing(storage: Storage, members: Partial<Storage>): Storage {
  return new Proxy(storage, {
    get(target, key) {
      const member = key in members ? Reflect.get(members, key) : Reflect.get(target, key)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
