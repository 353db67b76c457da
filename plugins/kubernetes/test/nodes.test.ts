import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { checked } from './support/checked.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(startKubernetes)

/** Makes a node as its kubelet would: an object, and a condition. */
async function node(
  name: string,
  group: string,
  status?: 'True' | 'False' | 'Unknown',
  reason = 'KubeletReady',
) {
  const metadata = { name: `${group}-${name}`, labels: { group } }
  await server().api.request('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata })
  if (status) await set(name, group, status, reason)
}

async function set(name: string, group: string, status: string, reason: string) {
  const conditions = [{ type: 'Ready', status, reason }]
  await server().api.request('PATCH', `/api/v1/nodes/${group}-${name}/status`, { status: { conditions } })
}

const check = (group: string, options = {}) =>
  checked({ kubeconfig: server().kubeconfig, selector: `group=${group}`, ...options })

describe('nodes', () => {
  test('are enough, or too few, as they become unready, unknown, or go', async () => {
    for (const name of ['a', 'b', 'c']) await node(name, 'three', 'True')
    expect(await check('three', { availability: 80 })).toEqual({
      detail: { ready: 3, total: 3, percent: 100 },
    })

    await set('b', 'three', 'False', 'KubeletNotReady')
    expect(await check('three')).toEqual({
      reason: '2 of 3 nodes are ready (66.6 %), 80 % required; three-b: not ready (KubeletNotReady)',
      detail: { ready: 2, total: 3, percent: 66.6, notReady: ['three-b: not ready (KubeletNotReady)'] },
    })
    await set('b', 'three', 'Unknown', 'NodeStatusUnknown')
    expect((await check('three')).reason).toMatch(/three-b: unknown \(NodeStatusUnknown\)$/)

    await server().api.request('DELETE', '/api/v1/nodes/three-b')
    expect(await check('three')).toEqual({ detail: { ready: 2, total: 2, percent: 100 } })
  })

  test('are enough exactly at the share that is required, and not a hair below', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await node(name, 'five', 'True')
    await node('e', 'five', 'False')
    expect(await check('five', { availability: 80 })).toHaveProperty('detail.percent', 80)
    expect(await check('five', { availability: 80 })).not.toHaveProperty('reason')
    expect(await check('five', { availability: 80.01 })).toHaveProperty('reason')
  })

  test('without a Ready condition are not ready', async () => {
    await node('a', 'bare')
    expect((await check('bare', { availability: 1 })).reason).toBe(
      '0 of 1 nodes are ready (0 %), 1 % required; bare-a: it has no Ready condition',
    )
  })

  test('that take no new pods are left out on demand', async () => {
    for (const name of ['a', 'b']) await node(name, 'cordoned', name === 'a' ? 'True' : 'False')
    await server().api.request('PATCH', '/api/v1/nodes/cordoned-b', { spec: { unschedulable: true } })
    expect(await check('cordoned')).toHaveProperty('reason')
    expect(await check('cordoned', { ignoreCordoned: true })).toEqual({
      detail: { ready: 1, total: 1, percent: 100 },
    })
  })

  test('that are not there are never enough', async () => {
    expect((await check('nobody', { availability: 0.001 })).reason).toBe('there is no node with group=nobody')
  })

  test('are counted over pages, and the first few that are not ready are named', async () => {
    const names = Array.from({ length: 520 }, (_, index) => String(index).padStart(3, '0'))
    const created = names.map(
      (name) => () => node(name, 'many', Number(name) < 510 ? 'True' : 'False', 'Bad'),
    )
    while (created.length) await Promise.all(created.splice(0, 20).map((create) => create()))
    const { reason, detail } = await check('many', { availability: 99 })
    expect(detail).toMatchObject({ ready: 510, total: 520, percent: 98, more: 5 })
    expect(reason).toMatch(
      /^510 of 520 nodes are ready \(98 %\), 99 % required; many-510: not ready \(Bad\); .*; and 5 more$/,
    )
    expect(JSON.stringify(detail).length).toBeLessThan(1_024)
  })
})

describe('the API server', () => {
  test('says that it is ready, and how long that took', async () => {
    const { kubeconfig } = server()
    expect(await checked({ kubeconfig, check: 'ready' })).toEqual({
      detail: { latencyMs: expect.any(Number) },
    })
    expect(await check('three', { check: 'both' })).toEqual({
      detail: { latencyMs: expect.any(Number), ready: 2, total: 2, percent: 100 },
    })
  })

  test('is not ready without its etcd, which it names, and its nodes cannot be counted', async () => {
    const ready = () => checked({ kubeconfig: server().kubeconfig, check: 'ready' }, 20_000)
    await server().killEtcd()
    await expect
      .poll(async () => (await ready()).reason, { timeout: 20_000 })
      .toMatch(/^the API server is not ready: .*etcd/)
    const both = await check('three', { check: 'both' })
    expect(both.reason).toMatch(/the API server is not ready: .*etcd.*; /)
    expect(both.detail).not.toHaveProperty('ready')
    await server().restartEtcd()
    await expect.poll(async () => (await check('three')).reason, { timeout: 20_000 }).toBeUndefined()
  })

  test('that is frozen, killed and there again each time, is told in time', async () => {
    await server().pause()
    const began = performance.now()
    const { reason } = await checked({ kubeconfig: server().kubeconfig }, 1_000)
    expect(reason).toBe(`timeout after 1000ms: no answer from ${server().url}`)
    expect(performance.now() - began).toBeLessThan(3_000)
    server().resume()
    expect(await check('three')).not.toHaveProperty('reason')
    await server().kill()
    expect((await check('three')).reason).toBe(`connect ECONNREFUSED 127.0.0.1:${server().port}`)
    await server().restart()
    await expect.poll(async () => (await check('three')).reason, { timeout: 20_000 }).toBeUndefined()
  })
})
