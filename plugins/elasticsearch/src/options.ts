import type { TlsOptions } from '@uptimeserver/core'
import { tlsOptions, wholeNumber } from '@uptimeserver/core/kit'
import * as v from 'valibot'
import { type Auth, authSchema } from './auth.js'
import { hostSchema } from './hosts.js'

/** Options of {@link elasticsearch}, besides those that every service has. */
export interface ElasticsearchOptions {
  /** URLs, or names that take `ssl` and `port`. A path in a URL is kept: `https://proxy.example/search`. */
  readonly hosts: string | readonly string[]
  /** Of hosts that are no URLs and name none. Default 9200. */
  readonly port?: number | undefined
  /** Whether hosts that are no URLs are asked over TLS. Default false. */
  readonly ssl?: boolean | undefined
  /** As whom. Default: nobody. */
  readonly auth?: Auth | undefined
  readonly tls?: TlsOptions | undefined
  /** How many hosts must do well: one of them (`'any'`), all, or so many. Default `'any'`. */
  readonly require?: 'any' | 'all' | number | undefined
  /** What a host must say: `'ping'`, anything; `'yellow'`, that the cluster is not red; `'green'`. Default `'yellow'`. */
  readonly level?: 'ping' | 'yellow' | 'green' | undefined
  /** Only these indices count for the level: `'orders-*'`, or several with commas between. */
  readonly index?: string | undefined
  /** Nodes that the cluster must have, at least. */
  readonly minNodes?: number | undefined
  /** Changes of the cluster's state that may wait for its master. */
  readonly maxPendingTasks?: number | undefined
}

const INDEX = `names or patterns of indices such as 'orders-*', with commas between`

/** The schema of everything that {@link elasticsearch} takes. */
export const schema = v.pipe(
  v.strictObject({
    hosts: v.union([hostSchema, v.pipe(v.array(hostSchema), v.nonEmpty('at least one host'))]),
    port: v.optional(wholeNumber(1, 65_535)),
    ssl: v.optional(v.boolean('true or false')),
    auth: v.optional(authSchema),
    tls: v.optional(tlsOptions),
    require: v.optional(
      v.union(
        [v.picklist(['any', 'all']), wholeNumber(1, 100)],
        `'any', 'all', or a number of hosts from 1 to 100`,
      ),
    ),
    level: v.optional(v.picklist(['ping', 'yellow', 'green'], `'ping', 'yellow' or 'green'`)),
    index: v.optional(
      v.custom<string>(
        (value) => typeof value === 'string' && /^[^\s/?#\\"<>|A-Z]{1,500}$/.test(value),
        INDEX,
      ),
    ),
    minNodes: v.optional(wholeNumber(1, 10_000)),
    maxPendingTasks: v.optional(wholeNumber(0, 1_000_000)),
  }),
  v.forward(
    v.check(
      ({ require, hosts }) => typeof require !== 'number' || require <= [hosts].flat().length,
      'no more hosts than there are',
    ),
    ['require'],
  ),
)
