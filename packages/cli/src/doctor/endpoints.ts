import { isIP } from 'node:net'
import type { ResolvedConfig } from '@uptimeserver/core'

/** Where the services and references of a config connect to, each once; a path of a socket is no URL and is left out. */
export function endpointsIn({ services, reference }: ResolvedConfig): URL[] {
  const texts = new Set([...services, ...reference].flatMap(({ endpoints }) => endpoints ?? []))
  return [...texts].filter((text) => URL.canParse(text)).map((text) => new URL(text))
}

/** The name that has to be looked up; `undefined` for an address. */
export function nameIn({ hostname }: URL): string | undefined {
  return hostname && !isIP(hostname.replace(/^\[|\]$/g, '')) ? hostname : undefined
}
