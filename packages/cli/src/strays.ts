import { isUptimeError, messageOf } from '@uptimeserver/core'

/** What a plugin throws outside of its check must not take everything else down with it. */
export function onStray(
  tell: (message: string, fields: { readonly stack?: string | undefined }) => void,
): void {
  const onThrown = (error: unknown) => {
    const stack = isUptimeError(error) ? undefined : (error as Error | undefined)?.stack
    tell(`a plugin threw outside of its check: ${messageOf(error)}`, { stack })
  }
  process.on('uncaughtException', onThrown)
  process.on('unhandledRejection', onThrown)
}
