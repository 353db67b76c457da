import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { forAll } from './for-all.js'
import { startKubernetes } from './kubernetes.js'
import type { KubernetesApi } from './kubernetes-api.js'

const NODES = '/api/v1/nodes'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const INGRESSES = '/apis/networking.k8s.io/v1/ingresses'

describe('a real API server', () => {
  const kubernetes = forAll(startKubernetes)

  test('keeps a node, and the status that it is given', async () => {
    await createNode(kubernetes().api, 'worker')
    const conditions = [{ type: 'Ready', status: 'True' }]
    await kubernetes().api.request('PATCH', `${NODES}/worker/status`, { status: { conditions } })
    await expect(kubernetes().api.request('GET', `${NODES}/worker`)).resolves.toMatchObject({
      status: { conditions },
    })
  })

  test('lets a service account do what its role says, and nothing before', async () => {
    const { api } = kubernetes()
    await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', named('reader'))
    const reader = kubernetes().as({ token: await kubernetes().serviceAccountToken('default', 'reader') })
    await expect(reader.request('GET', NODES)).rejects.toMatchObject({ status: 403 })

    await allow(api, 'reader', { apiGroups: [''], resources: ['nodes'], verbs: ['list'] })
    await expect
      .poll(() => reader.request('GET', NODES), { timeout: 10_000 })
      .toMatchObject({ kind: 'NodeList' })
    await expect(createNode(reader, 'mine')).rejects.toMatchObject({ status: 403 })
  })

  test('lets nobody in by a wrong token', async () => {
    const stranger = kubernetes().as({ token: 'wrong' })
    await expect(stranger.request('GET', NODES)).rejects.toMatchObject({ status: 401 })
  })

  test('knows users and groups by their certificate', async () => {
    const user = kubernetes().as(await kubernetes().certificateOf('someone'))
    await expect(user.request('GET', NODES)).rejects.toThrow('User "someone" cannot list')
    const master = kubernetes().as(await kubernetes().certificateOf('someone', 'system:masters'))
    await expect(master.request('GET', NODES)).resolves.toMatchObject({ kind: 'NodeList' })
  })

  test('still has what it was given after kill -9, its own and that of etcd', async () => {
    const { api } = kubernetes()
    await createNode(api, 'survivor')
    await kubernetes().kill()
    await expect(api.request('GET', NODES)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await kubernetes().killEtcd()
    await kubernetes().restartEtcd()
    await kubernetes().restart()
    await expect(api.request('GET', `${NODES}/survivor`)).resolves.toMatchObject({ kind: 'Node' })
  })

  test('answers nobody while it is paused, and everybody afterwards', async () => {
    await kubernetes().pause()
    const answer = kubernetes().api.request('GET', '/readyz')
    const first = await Promise.race([answer, sleep(1_000, 'silence')])
    kubernetes().resume()
    expect(first).toBe('silence')
    await expect(answer).resolves.toBe('ok')
  })
})

describe('an API server that keeps no history of ingresses', () => {
  const kubernetes = forAll(() =>
    startKubernetes({ apiserverFlags: ['--watch-cache-sizes=ingresses.networking.k8s.io#0'] }),
  )

  test('ends a watch from a version that is gone with 410', async () => {
    await createNode(kubernetes().api, 'any')
    await kubernetes().compact()
    const event = await kubernetes().api.request('GET', `${INGRESSES}?watch=1&resourceVersion=1`)
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
  })
})

function createNode(api: KubernetesApi, name: string): Promise<unknown> {
  return api.request('POST', NODES, named(name))
}

async function allow(api: KubernetesApi, account: string, rule: object): Promise<void> {
  await api.request('POST', `${RBAC}/clusterroles`, { ...named(account), rules: [rule] })
  await api.request('POST', `${RBAC}/clusterrolebindings`, {
    ...named(account),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: account },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: account }],
  })
}

function named(name: string) {
  return { metadata: { name } }
}
