import { createServer } from 'node:net'
import { elasticsearch } from '@uptimeserver/elasticsearch'
import { serviceContract } from '@uptimeserver/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { startElasticsearch } from '../../../test/servers/elasticsearch.js'
import { forAll } from '../../../test/servers/for-all.js'
import { startOpenSearch } from '../../../test/servers/opensearch.js'

const silent = createServer(() => undefined)
beforeAll(() => new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve)))
afterAll(() => void silent.close())

const WRONG = Buffer.from('monitor:hunter2').toString('base64')
const SERVERS = [
  ['Elasticsearch', startElasticsearch],
  ['OpenSearch', startOpenSearch],
] as const

describe.each(SERVERS)('the check of %s', (_, start) => {
  const server = forAll(() => start({ mode: 'basic' }))

  serviceContract(
    (name, body) => test(name, body, 60_000),
    () => {
      const { port } = silent.address() as { port: number }
      const as = (secret: string) => ({ type: 'http', user: 'monitor', secret }) as const
      return {
        up: () => elasticsearch({ name: 'up', hosts: server().url, auth: as('monitor-pass') }),
        down: () => elasticsearch({ name: 'down', hosts: server().url, auth: as('hunter2') }),
        hanging: () => elasticsearch({ name: 'hanging', hosts: `http://127.0.0.1:${port}` }),
        broken: () =>
          elasticsearch({ name: 'broken', hosts: 'http://someone:hunter2@host', auth: as('hunter2') }),
        secrets: ['hunter2', 'monitor-pass', WRONG],
      }
    },
  )
})
