import * as v from 'valibot'

const DEFAULT_PORT = 9_200

/** The URLs of hosts, however they were named: a URL says all by itself, a bare name takes `ssl` and `port`. */
export function urlsOf(
  hosts: string | readonly string[],
  {
    port = DEFAULT_PORT,
    ssl = false,
  }: { readonly port?: number | undefined; readonly ssl?: boolean | undefined },
): URL[] {
  return [hosts]
    .flat()
    .map((host) =>
      isUrl(host) ? new URL(host) : new URL(`${ssl ? 'https' : 'http'}://${withPort(host, port)}`),
    )
}

function withPort(host: string, port: number): string {
  return /:\d+$/.test(host) ? host : `${host}:${port}`
}

function isUrl(host: string): boolean {
  return /^https?:\/\//.test(host)
}

export const hostSchema = v.custom<string>(
  isHost,
  `a host such as 'search.example', or a URL such as 'https://search.example:9200', without user, query and fragment`,
)

function isHost(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const text = isUrl(value) ? value : `http://${value}`
  if (!URL.canParse(text)) return false
  const { username, password, search, hash, hostname, pathname } = new URL(text)
  const isBare = isUrl(value) || pathname === '/'
  return Boolean(hostname) && isBare && !username && !password && !search && !hash
}
