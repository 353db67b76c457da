import { type Clock, type Discovery, sleep } from '@uptimeserver/core'
import { type Holder, holderOf } from './holder.js'
import { ensurePlace, LOOK_EVERY } from './listener.js'
import type { Session } from './session.js'

/**
 * Waits while another monitor listens at a path, with what that one has written: whoever takes over knows everything at
 * once. Ends when it is gone, or with the signal.
 *
 * @throws UptimeError `PROVIDER_FAILED` where the folder is not private, or the state file cannot be read
 */
export async function* standBy(
  path: string,
  session: Session,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Discovery> {
  await ensurePlace(path)
  let monitor: Holder | undefined
  while (!signal.aborted) {
    const holder = await holderOf(path, clock)
    // One that is too busy to answer is still there.
    monitor = holder?.isMonitor === undefined ? holder && monitor : holder
    if (!monitor?.isMonitor) return
    if (await session.peek(monitor.said)) yield session.discovery()
    await sleep(clock, LOOK_EVERY, signal)
  }
}
