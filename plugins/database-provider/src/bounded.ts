import { type Clock, formatDuration } from '@uptimeserver/core'
import { raceSignal } from '@uptimeserver/core/kit'

/**
 * The outcome of some work under a deadline and a signal. The work is handed a signal of its own, and given up when that is aborted.
 *
 * @throws what the work throws; the signal's reason; or that there was no answer in time
 */
export async function bounded<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const inner = new AbortController()
  const stop = () => inner.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const cancel = clock.timer(() => inner.abort(new Error(`no answer within ${formatDuration(ms)}`)), ms)
  try {
    return await raceSignal(work(inner.signal), inner.signal)
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
  }
}
