import type { Clock } from './contracts.js'

/** What a timer of Node can hold, in ms; it fires at once beyond that. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(callback, ms) {
    const handle = setTimeout(callback, Math.min(ms, LONGEST_TIMER))
    return () => clearTimeout(handle)
  },
}

/**
 * Waits `ms` on a clock; `Infinity` waits for the signal alone. Resolves early, without throwing, when the signal is aborted: a loop asks its signal anyway.
 */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = Number.isFinite(ms) ? clock.timer(done, ms) : () => undefined
    signal.addEventListener('abort', done, { once: true })
  })
}

/**
 * The promise's result, or `undefined` once the signal is aborted or `ms` have passed; what comes later is dropped.
 * For waits on code that may never answer.
 */
export function within<T>(
  clock: Clock,
  promise: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      cancel()
      signal?.removeEventListener('abort', giveUp)
    }
    const giveUp = () => {
      finish()
      resolve(undefined)
    }
    const cancel = Number.isFinite(ms) ? clock.timer(giveUp, ms) : () => undefined
    promise.finally(finish).then(resolve, reject)
    signal?.addEventListener('abort', giveUp)
    if (signal?.aborted) giveUp()
  })
}

/** The promise's result, within `ms` and before the signal is aborted. @throws what `late` makes, when it does not come */
export async function inTime<T>(
  clock: Clock,
  promise: Promise<T>,
  ms: number,
  late: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  const came = promise.then((value) => ({ value }))
  const result = await within(clock, came, ms, signal)
  if (result) return result.value
  throw late()
}

/** How long to wait after so many failures in a row: doubling, and jittered down to half, so that crowds part. */
export function backoff(failures: number, least: number, most: number): number {
  const ms = Math.min(most, least * 2 ** Math.min(Math.max(failures - 1, 0), 20))
  return ms / 2 + (Math.random() * ms) / 2
}
