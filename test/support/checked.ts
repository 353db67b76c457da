import { type Detail, type Service, UptimeError } from '@uptimeserver/core'
import { quietContext } from '@uptimeserver/testing'

/** What became of one check of a service within a deadline, of which it is told as the runner does it. */
export async function checked(service: Service, ms = 10_000): Promise<{ detail?: Detail; reason?: string }> {
  const deadline = new AbortController()
  const late = new UptimeError('CHECK_TIMEOUT', `timeout after ${ms}ms`)
  const timer = setTimeout(() => deadline.abort(late), ms)
  try {
    return { detail: (await service.check(quietContext(deadline.signal))) as Detail }
  } catch (error) {
    const { message, detail } = error as Error & { detail?: Detail }
    return { reason: message, ...(detail && { detail }) }
  } finally {
    clearTimeout(timer)
    await service.close?.()
  }
}
