import { type ElasticsearchOptions, elasticsearch } from '@uptimeserver/elasticsearch'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startOpenSearch } from '../../../test/servers/opensearch.js'
import { checked } from '../../../test/support/checked.js'
import { AwsGate } from './support/aws-gate.js'
import { expectOutagesToBeTold } from './support/outages.js'

vi.setConfig({ testTimeout: 60_000 })

const check = (options: ElasticsearchOptions, ms?: number) =>
  checked(elasticsearch({ name: 'it', ...options }), ms)

describe('a cluster of OpenSearch that is open to everybody', () => {
  const server = forAll(() => startOpenSearch({ mode: 'none' }))
  const ask = (options = {}, ms?: number) => check({ hosts: server().url, ...options }, ms)

  test('that is well is up, and says what it is', async () => {
    expect(await ask({ level: 'green' })).toMatchObject({
      detail: { status: 'green', nodes: 1, version: 'opensearch 2.19.4' },
    })
    expect(await ask({ level: 'ping' })).toMatchObject({ detail: { version: 'opensearch 2.19.4' } })
  })

  test('is yellow, and red, like the other', async () => {
    await server().request('PUT', '/single', { settings: { number_of_replicas: 1 } })
    expect(await ask()).not.toHaveProperty('reason')
    expect((await ask({ level: 'green' })).reason).toBe('the cluster is yellow')
    const settings = { 'index.routing.allocation.require._name': 'ghost', number_of_replicas: 0 }
    await server().request('PUT', '/lost?wait_for_active_shards=0', { settings })
    expect((await ask()).reason).toBe('the cluster is red; unassigned primaries: lost[0] (INDEX_CREATED)')
    for (const index of ['single', 'lost']) await server().request('DELETE', `/${index}`)
  })

  test('is asked behind a gate that verifies the signatures of AWS', async () => {
    const keys = { accessKey: 'AKIDEXAMPLE', secretKey: 'secret' }
    await using gate = await AwsGate.open(server().url, keys)
    const auth = { type: 'aws', region: 'eu-central-1', ...keys } as const
    expect(await check({ hosts: gate.url, auth })).toMatchObject({ detail: { status: 'green' } })
    const wrong = { ...auth, secretKey: 'hunter2' }
    expect((await check({ hosts: gate.url, auth: wrong })).reason).toMatch(
      /^not allowed signed for es in eu-central-1 \(403\): /,
    )
  })

  test('that is frozen, killed and there again each time, is told in time', () =>
    expectOutagesToBeTold(server(), ask))
})

describe('a cluster of OpenSearch that wants a client certificate', () => {
  const server = forAll(() => startOpenSearch({ mode: 'mtls' }))

  test('lets in who has one, and says what is wrong with who has none', async () => {
    const [hosts, ca] = [server().url, server().ca!]
    const certificate = await server().certificateOf('admin')
    expect(await check({ hosts, auth: { type: 'cert', ...certificate, ca } })).not.toHaveProperty('reason')
    const auth = { type: 'http', user: 'monitor', secret: 'monitor-pass' } as const
    expect((await check({ hosts, auth, tls: { ca } })).reason).toMatch(
      /^the server wants a client certificate, and there is none|^the connection was closed|^the server ended the TLS handshake/,
    )
    expect(await check({ hosts, auth, tls: { ...certificate, ca } })).not.toHaveProperty('reason')
  })
})
