import { ask } from './ask.js'
import type { Place, Source } from './objects.js'
import type { IngressOptions } from './options.js'

/** The URL at which a place is checked, or why there is none. */
export function urlOf(
  place: Place,
  object: Source,
  said: string | undefined,
  { health = 'health', scheme }: Pick<IngressOptions, 'health' | 'scheme'>,
): Found {
  const base = baseOf(place, scheme)
  if (typeof health === 'function') return withPath(told(ask('health', health, base.href, object)), said)
  if (said !== undefined) return { url: new URL(said, base).href }
  if (place.served === 'pattern') return { fault: 'its path is a pattern, which names no URL' }
  if (health === false || place.served === 'exact') return { url: base.href }
  return { url: below(base, health).href }
}

type Found = { readonly url: string } | { readonly fault: string }

/** The config says where, and the owner which path of it. */
function withPath(found: Found, said: string | undefined): Found {
  return 'fault' in found || said === undefined ? found : { url: new URL(said, found.url).href }
}

function baseOf({ scheme, host, path }: Place, wanted: 'http' | 'https' | undefined): URL {
  const base = new URL(`${wanted ?? scheme}://${host}/`)
  base.pathname = path
  return base
}

/** `health` is added to the path that is served, `/health` takes its place. */
function below(base: URL, health: string): URL {
  const folder = new URL(base)
  if (!folder.pathname.endsWith('/')) folder.pathname += '/'
  return new URL(health.startsWith('/') ? `/${health.replace(/^\/+/, '')}` : `./${health}`, folder)
}

function told(url: string | URL | undefined): Found {
  if (url === undefined) return { fault: 'health names no URL for it' }
  const text = String(url)
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    return { fault: `health says '${text.slice(0, 200)}', which is no http:// or https:// URL` }
  const { username, password, href } = new URL(text)
  // What a service is known by is shown, and must outlive a password.
  return username || password
    ? { fault: 'health says a URL with a user, which headers can say' }
    : { url: href }
}
