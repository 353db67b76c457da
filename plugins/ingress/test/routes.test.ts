import { createRunner } from '@uptimeserver/core'
import { ingress } from '@uptimeserver/ingress'
import { memoryStorage } from '@uptimeserver/testing'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { Follower, Namespace } from './support/cluster.js'
import { createRoute, installGatewayApi, removeGatewayApi } from './support/gateway.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(startKubernetes)
const PROMPT = { timeout: 1_000, interval: 20 }

test('HTTPRoutes are followed like Ingresses, where the cluster knows them', async () => {
  await installGatewayApi(server().api)
  const shop = await Namespace.create(server().api, 'routes')
  await shop.create('old', { hosts: ['old.example'] })
  const follow = () =>
    new Follower({ kubeconfig: server().kubeconfig, namespace: shop.name, health: 'health' })
  await using seen = follow()
  await expect.poll(() => seen.urls, { timeout: 10_000 }).toEqual(['http://old.example/health'])
  expect(seen.skipped).toEqual([])

  const value = (path: string) => ({ path: { type: 'PathPrefix', value: path } })
  await createRoute(server().api, shop.name, 'new', {
    parentRefs: [{ name: 'gateway' }],
    hostnames: ['new.example'],
    rules: [
      { matches: [value('/api'), { ...value('/admin'), headers: [{ name: 'x-admin', value: '1' }] }] },
      { matches: [{ path: { type: 'RegularExpression', value: '/v[12]' } }] },
    ],
  })
  await createRoute(server().api, shop.name, 'plain', {
    parentRefs: [{ name: 'gateway', port: 80 }],
    hostnames: ['plain.example', '*.wild.example'],
    rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
  })
  await expect
    .poll(() => seen.urls, PROMPT)
    .toEqual(['http://old.example/health', 'http://plain.example/health', 'https://new.example/api/health'])
  expect(seen.services.get('https://new.example/api/health')?.labels).toEqual({
    ...{ namespace: 'routes', route: 'new', host: 'new.example' },
  })
  expect(seen.skipped.map(({ what, reason }) => `${what}: ${reason}`).sort()).toEqual([
    'routes/new new.example/admin: it is for requests with certain headers',
    'routes/new new.example/v[12]: its path is a pattern, which names no URL',
    'routes/plain *.wild.example: its host is a wildcard, which names nobody to ask',
  ])
})

test('where the Gateway API is taken away, its routes go, and the Ingresses stay in sight', async () => {
  const shop = await Namespace.create(server().api, 'gone')
  await shop.create('kept')
  await createRoute(server().api, shop.name, 'going', { hostnames: ['going.example'], rules: [{}] })
  await using runner = createRunner({
    ...{ storage: memoryStorage(), services: [], consolidators: [], every: '1h' },
    providers: [ingress({ kubeconfig: server().kubeconfig, namespace: shop.name, health: false })],
  })
  const names = () =>
    runner
      .status()
      .map(({ name }) => name)
      .sort()
  await runner.start()
  await expect.poll(names, { timeout: 10_000 }).toEqual(['http://kept.example/', 'https://going.example/'])
  await removeGatewayApi(server().api)
  await expect
    .poll(() => runner.providers()[0], { timeout: 45_000 })
    .toMatchObject({
      staleSince: null,
      skipped: [{ what: 'HTTPRoute', reason: 'the cluster has no Gateway API (v1)', harmless: true }],
    })
  expect(names()).toEqual(['http://kept.example/'])
  await shop.create('later')
  await expect.poll(names, PROMPT).toEqual(['http://kept.example/', 'http://later.example/'])
})
