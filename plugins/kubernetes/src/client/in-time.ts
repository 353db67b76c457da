import { type Clock, formatDuration } from '@uptimeserver/core'

/**
 * Does work that ends with its signal, and gives it no longer than `ms`.
 *
 * @throws what `late` says, or the reason of the outer signal
 */
export async function inTime<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  late: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController()
  const cancel = clock.timer(() => deadline.abort(new Error(`${late} within ${formatDuration(ms)}`)), ms)
  try {
    return await work(AbortSignal.any([outer, deadline.signal]))
  } finally {
    cancel()
  }
}
