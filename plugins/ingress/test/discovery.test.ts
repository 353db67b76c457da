import { ingress } from '@uptimeserver/ingress'
import { providerContract } from '@uptimeserver/testing'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { Follower, Namespace } from './support/cluster.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(startKubernetes)
/** A change takes effect within this, in ms. */
const PROMPT = { timeout: 1_000, interval: 20 }

const follow = (namespace: Namespace, options = {}) =>
  new Follower({ kubeconfig: server().kubeconfig, namespace: namespace.name, health: false, ...options })

describe('the contract', () => {
  providerContract(
    (name, body) => test(name, body, 60_000),
    async () => {
      const namespace = await Namespace.create(
        server().api,
        `contract-${Math.random().toString(36).slice(2)}`,
      )
      await namespace.create('shop')
      await namespace.create('odd', { hosts: ['*.example'] })
      return { create: () => ingress({ kubeconfig: server().kubeconfig, namespace: namespace.name }) }
    },
  )
})

test('what is added, changed and removed takes effect within a second', async () => {
  const shop = await Namespace.create(server().api, 'live')
  await shop.create('first')
  await using seen = follow(shop)
  await expect.poll(() => seen.urls, { timeout: 10_000 }).toEqual(['http://first.example/'])

  await shop.create('second')
  await expect.poll(() => seen.urls, PROMPT).toEqual(['http://first.example/', 'http://second.example/'])
  await shop.patch('second', { spec: { tls: [{ hosts: ['second.example'] }] } })
  await expect.poll(() => seen.urls, PROMPT).toEqual(['http://first.example/', 'https://second.example/'])
  await shop.patch('second', { metadata: { annotations: { 'uptime.dev/path': '/live' } } })
  await expect.poll(() => seen.urls, PROMPT).toEqual(['http://first.example/', 'https://second.example/live'])
  await shop.remove('first')
  await expect.poll(() => seen.urls, PROMPT).toEqual(['https://second.example/live'])
})

test('status that comes and goes leaves every service the object that it is', async () => {
  const shop = await Namespace.create(server().api, 'churn')
  await shop.create('steady')
  await using seen = follow(shop)
  await expect.poll(() => seen.urls, { timeout: 10_000 }).toHaveLength(1)
  const before = seen.services.get('http://steady.example/')
  for (let n = 1; n <= 20; n++) await shop.setStatus('steady', `192.0.2.${n}`)
  await shop.create('marker')
  await expect.poll(() => seen.urls, PROMPT).toHaveLength(2)
  expect(seen.services.get('http://steady.example/')).toBe(before)
})

test('of a URL that two objects have the older decides, and when it goes the younger takes over', async () => {
  const shop = await Namespace.create(server().api, 'twice')
  const labels = (seen: Follower) => seen.services.get('http://same.example/')?.labels
  await shop.create('older', { hosts: ['same.example'] })
  // Creation is known to the second.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await shop.create('a-younger', { hosts: ['same.example'], annotations: { 'uptime.dev/category': 'late' } })
  await using seen = follow(shop)
  await expect.poll(() => labels(seen), { timeout: 10_000 }).toMatchObject({ ingress: 'older' })
  expect(seen.skipped).toContainEqual({
    what: 'twice/a-younger http://same.example/',
    reason: 'twice/older has it',
  })
  await shop.remove('older')
  await expect.poll(() => labels(seen), PROMPT).toMatchObject({ ingress: 'a-younger' })
  expect(seen.services.get('http://same.example/')?.category).toBe('late')
})

test('a label selector and a namespace narrow what is seen', async () => {
  const [one, other] = [
    await Namespace.create(server().api, 'one'),
    await Namespace.create(server().api, 'other'),
  ]
  await one.create('wanted', { labels: { team: 'shop' } })
  await one.create('unwanted', { labels: { team: 'infra' } })
  await other.create('elsewhere', { labels: { team: 'shop' } })
  await using narrow = follow(one, { labelSelector: 'team=shop' })
  await expect.poll(() => narrow.urls, { timeout: 10_000 }).toEqual(['http://wanted.example/'])
  await using wide = new Follower({
    kubeconfig: server().kubeconfig,
    health: false,
    labelSelector: 'team=shop',
  })
  await expect
    .poll(() => wide.urls, { timeout: 10_000 })
    .toEqual(['http://elsewhere.example/', 'http://wanted.example/'])
  await one.patch('unwanted', { metadata: { labels: { team: 'shop' } } })
  await expect.poll(() => narrow.urls, PROMPT).toEqual(['http://unwanted.example/', 'http://wanted.example/'])
  await one.patch('wanted', { metadata: { labels: { team: null } } })
  await expect.poll(() => narrow.urls, PROMPT).toEqual(['http://unwanted.example/'])
})

test('a cluster without the Gateway API is told, and nothing else comes of it', async () => {
  const shop = await Namespace.create(server().api, 'plain')
  await shop.create('shop')
  await using seen = follow(shop)
  await expect.poll(() => seen.urls, { timeout: 10_000 }).toHaveLength(1)
  expect(seen.skipped).toEqual([
    { what: 'HTTPRoute', reason: 'the cluster has no Gateway API (v1)', harmless: true },
  ])
})

test('sight that cannot be had is told with the reason', async () => {
  await using lost = new Follower({ kubeconfig: '/nowhere/config' })
  await expect.poll(() => lost.failure).toMatch(/^kubeconfig: ENOENT/)
})
