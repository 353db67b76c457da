import { readFileSync } from 'node:fs'
import type { ElasticsearchOptions } from '@uptimeserver/elasticsearch'
import { type ServiceTraits, secret } from 'uptimeserver'
import {
  anyText,
  flag,
  list,
  map,
  number,
  object,
  only,
  optional,
  read,
  record,
  text,
  variant,
} from './shape.ts'

/** A text that is shown nowhere from here on. */
const hidden = map(text, secret)
/** Its durations are seconds: 600 is ten minutes. */
const seconds = map(number(0, 1e7), (value) => `${Math.round(value * 1000)}ms` as const)

/** What its kinds of services are here. */
const KINDS = { Mongo: 'mongo', Ingress: 'http', Kubernetes: 'kubernetes', Elasticsearch: 'elasticsearch' }
const kind = only<keyof typeof KINDS>(
  (value) => typeof value === 'string' && Object.hasOwn(KINDS, value),
  `one of ${Object.keys(KINDS).join(', ')}`,
)

/** Of the queries that it hands to MongoDB, those that ask for equality. */
const filter = map(
  object({
    category: optional(text),
    kind: optional(kind),
    ns: optional(text),
    description: optional(text),
  }),
  ({ category, kind, ns, description }): ServiceTraits => ({
    ...(category !== undefined && { categories: [category] }),
    ...(kind !== undefined && { kinds: [KINDS[kind]] }),
    ...(ns !== undefined && { labels: { namespace: ns } }),
    ...(description !== undefined && { names: [description] }),
  }),
)

const section = object({
  storage: object({
    backend: only<'MongoStorage'>((value) => value === 'MongoStorage', '"MongoStorage"'),
    uri: hidden,
    db: text,
  }),
  server: object({ with_consolidation: flag }),
  consolidations: object({
    sla: object({}),
    status: object({ filter, down_since: seconds }),
  }),
  monitoring: object({
    max_services: number(1, 1e6),
    check_every_seconds: seconds,
    fast_retry_every_seconds: seconds,
  }),
})

type Search = Pick<ElasticsearchOptions, 'hosts' | 'ssl' | 'port' | 'auth'>
type SearchAuth = Pick<Search, 'auth' | 'ssl' | 'port'>
const type = text

const auth = variant<SearchAuth>('type', {
  aws: map(
    object({ type, access_key: hidden, secret_key: hidden, region: text }),
    ({ access_key: accessKey, secret_key: secretKey, region }) => ({
      ...{ ssl: true, port: 443 },
      auth: { type: 'aws' as const, accessKey, secretKey, region },
    }),
  ),
  // An empty user is nobody.
  http: map(object({ type, user: anyText, secret: anyText }), (given) => ({
    auth: { type: 'http' as const, user: given.user, secret: secret(given.secret) },
  })),
  cert: map(object({ type, cert: text, key: text, ca: optional(text) }), ({ cert, key, ca }) => ({
    ...{ ssl: true, port: 443 },
    auth: {
      ...{ type: 'cert' as const, cert: secret.file(cert), key: secret.file(key) },
      ...(ca !== undefined && { ca: secret.file(ca) }),
    },
  })),
})

const hosts: typeof hostList = (value, path, tell) => hostList([value].flat(), path, tell)
const hostList = list(text)

const search = map(
  object({ name: text, hosts, ssl: optional(flag), port: optional(number(1, 65_535)), auth }),
  ({ name, hosts, ssl = true, port = 443, auth }): Search & { readonly name: string } => ({
    ...{ name, hosts, ssl, port },
    ...auth,
  }),
)

const file = object({
  env: record(section),
  mongodb_clusters: list(object({ name: text, uri: hidden })),
  kubernetes_clusters: list(object({ name: text, context: text, availability: number(1, 100) })),
  elasticsearch_clusters: list(search),
  default_kubernetes_context: text,
  KONG_HEALTH_APIKEY: hidden,
})

/**
 * Reads the ancestor's `secret.json`, with the section of one environment.
 *
 * @throws an error that names everything that is wrong with it, and repeats none of it
 */
export function readSecret(url: URL, environment: string) {
  const { env, ...rest } = read(file, JSON.parse(readFileSync(url, 'utf8')), 'secret.json')
  const chosen = Object.hasOwn(env, environment) ? env[environment] : undefined
  if (chosen) return { ...rest, ...chosen }
  throw new Error(`UPTIME_ENV: found "${environment}", expected one of ${Object.keys(env).join(', ')}`)
}
