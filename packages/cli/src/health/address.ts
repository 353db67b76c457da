import { UptimeError } from '@uptimeserver/core'

/** Where probes are answered. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** On a telephone's keys, TIME. */
export const DEFAULT_ADDRESS = '127.0.0.1:8463'

/**
 * `8463`, which is that port for this machine alone; `0.0.0.0:8463`, `[::]:8463`, `localhost:8463`.
 *
 * @throws UptimeError `CONFIG_INVALID`
 */
export function parseAddress(option: string, text: string): Address {
  const [, bracketed, plain, digits] = /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]/]+)):)?(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (port <= 65_535) return { host: bracketed ?? plain ?? '127.0.0.1', port }
  const expected = 'a port, for this machine alone, or HOST:PORT, such as 8463 or 0.0.0.0:8463'
  throw new UptimeError('CONFIG_INVALID', `${option}: found "${text}", expected ${expected}`)
}

/** The way back. */
export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
