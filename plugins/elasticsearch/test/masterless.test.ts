import { elasticsearch } from '@uptimeserver/elasticsearch'
import { describe, expect, test } from 'vitest'
import { startElasticsearch } from '../../../test/servers/elasticsearch.js'
import { forAll } from '../../../test/servers/for-all.js'
import { startOpenSearch } from '../../../test/servers/opensearch.js'
import { checked } from '../../../test/support/checked.js'

const SERVERS = [
  ['Elasticsearch', startElasticsearch, '8.8.2'],
  ['OpenSearch', startOpenSearch, 'opensearch 2.19.4'],
] as const

describe.each(SERVERS)('a cluster of %s without a master', (_, start, version) => {
  const server = forAll(() => start({ masterless: true }))
  const ask = (options = {}) => checked(elasticsearch({ name: 'it', hosts: server().url, ...options }), 5_000)

  test('is down long before an ordinary deadline, whatever is asked of it', async () => {
    const asked = [{}, { level: 'green' }, { index: 'orders-*' }, { level: 'ping', minNodes: 1 }]
    for (const { reason } of await Promise.all(asked.map((options) => ask(options))))
      expect(reason).toBe('the cluster has no master (503)')
  }, 10_000)

  test('still answers, which is all that a ping asks for', async () => {
    expect(await ask({ level: 'ping' })).toMatchObject({ detail: { version } })
  })
})
