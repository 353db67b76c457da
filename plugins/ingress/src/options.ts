import type { Secret, ServiceOptions } from '@uptimeserver/core'
import { text } from '@uptimeserver/core/kit'
import type { HttpOptions } from '@uptimeserver/http'
import { allowList } from '@uptimeserver/http/guard'
import { type ClusterOptions, clusterEntries, labelSelector } from '@uptimeserver/kubernetes/client'
import * as v from 'valibot'
import type { Source } from './objects.js'

/** Says something of one URL that an object serves. Called again when the object's spec, labels or annotations change. */
export type About<T> = (url: string, object: Source) => T

/** What the check of one URL takes; what it is called and known by is the provider's. */
export type CheckOptions = Omit<HttpOptions & ServiceOptions, 'name' | 'identity' | 'guard'>

/** Options of {@link ingress}. */
export interface IngressOptions extends ClusterOptions {
  /** The provider's own, shown by `uptime status --discovery`. Default `'ingress'`. */
  readonly name?: string | undefined
  /** Only objects of this namespace. Default: of all. */
  readonly namespace?: string | undefined
  /** Only objects with these labels: `'team=shop'`. Default: all. */
  readonly labelSelector?: string | undefined
  /** Default: `https` where a `tls` entry covers the host, else `http`. */
  readonly scheme?: 'http' | 'https' | undefined
  /**
   * Where below a served path its health is told: added to it (`'health'`), or put in its place when it begins with a slash. A
   * function is given the URL of the served path and says the whole URL, without a user, also for a path that is a pattern; `undefined`
   * leaves it out.
   * `false`: the served path itself. A path that is served exactly is checked as it is, unless a function says otherwise. Default `'health'`.
   */
  readonly health?: string | false | About<string | URL | undefined> | undefined
  /** Says which URLs are left out. */
  readonly exclude?: About<boolean> | undefined
  readonly category?: string | About<string | undefined> | undefined
  /** What a service is called. Default: its URL. */
  readonly serviceName?: About<string> | undefined
  /** Sent to this URL's origin only. Never asked for a URL that is left out. */
  readonly headers?: About<Readonly<Record<string, string | Secret>> | undefined> | undefined
  /** Anything that the http check takes, timing included. */
  readonly options?: About<CheckOptions | undefined> | undefined
  /**
   * The only hosts and addresses that are reached: `['10.0.0.0/8', '*.corp.example']`. Addresses that a discovered URL must not
   * reach (the machine itself, link-local, a cloud's metadata) are opened by a range that names them. Default: all but those.
   */
  readonly allow?: readonly string[] | undefined
}

const about = v.custom<About<never>>((value) => typeof value === 'function', 'a function (url, object) => …')

/** The schema of everything that {@link ingress} takes. */
export const schema = v.strictObject({
  ...clusterEntries,
  name: v.optional(text(100)),
  namespace: v.optional(
    v.custom<string>(
      (value) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(String(value)),
      'a name of a namespace',
    ),
  ),
  labelSelector: v.optional(labelSelector),
  scheme: v.optional(v.picklist(['http', 'https'], `'http' or 'https'`)),
  health: v.optional(
    v.union(
      [v.literal(false), about, v.pipe(v.string(), v.regex(/^[^\s#\\]{1,1000}$/))],
      `a path such as 'health' or '/healthz', false, or a function (url, object) => …`,
    ),
  ),
  exclude: v.optional(about),
  category: v.optional(v.union([text(200), about], 'a text, or a function (url, object) => …')),
  serviceName: v.optional(about),
  headers: v.optional(about),
  options: v.optional(about),
  allow: v.optional(allowList),
}) as v.GenericSchema<IngressOptions>
