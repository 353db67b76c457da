import { definePlugin } from '@uptimeserver/core'
import { type ElasticsearchOptions, schema } from './options.js'
import { ElasticsearchCheck } from './service.js'

export type { Auth, AwsAuth } from './auth.js'
export type { ElasticsearchOptions } from './options.js'

/**
 * Checks a cluster of Elasticsearch or OpenSearch: up while enough of its hosts say that it is well.
 *
 * @example
 * elasticsearch({
 *   name: 'search',
 *   hosts: ['https://a.search.internal:9200', 'https://b.search.internal:9200'],
 *   auth: { type: 'apiKey', encoded: secret.env('SEARCH_KEY') },
 *   level: 'green',
 *   every: '30s',
 * })
 */
export const elasticsearch = definePlugin<ElasticsearchOptions>({
  kind: 'elasticsearch',
  schema,
  create: (options) => new ElasticsearchCheck(options),
})
