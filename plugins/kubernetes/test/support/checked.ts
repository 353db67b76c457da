import { type Detail, UptimeError } from '@uptimeserver/core'
import { type KubernetesOptions, kubernetes } from '@uptimeserver/kubernetes'
import { quietContext } from '@uptimeserver/testing'

/** What became of a check within a deadline, which it is told as the runner does it. */
export async function checked(
  options: KubernetesOptions,
  ms = 10_000,
): Promise<{ detail?: Detail; reason?: string }> {
  const service = kubernetes({ name: 'it', ...options })
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
  }
}
