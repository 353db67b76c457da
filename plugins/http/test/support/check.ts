import { checkAll, type Duration, resolveConfig, type Service } from '@uptimeserver/core'

export interface Checked {
  readonly status: 'up' | 'down'
  readonly message: string | null
  readonly detail: Readonly<Record<string, unknown>> | null
  /** How long it took, in ms. */
  readonly took: number
}

/** Checks a service once as the program does, with its deadline. */
export async function checked(service: Service, timeout: Duration = '5s'): Promise<Checked> {
  const config = await resolveConfig({ services: [service], timeout })
  const started = performance.now()
  const { results } = await checkAll(config)
  const { status, message, detail } = results[0]!
  return { status, message, detail: detail as Checked['detail'], took: performance.now() - started }
}
