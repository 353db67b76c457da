import { type Config, createRunner, isUptimeError, type Runner, secret } from '@uptimeserver/core'
import { kubernetesLease } from '@uptimeserver/kubernetes'
import { MemoryPlace, memoryStorage, scriptedService } from '@uptimeserver/testing'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { obtainKubectl } from '../../../test/servers/kubectl.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(startKubernetes)
const SOON = { timeout: 15_000, interval: 20 }

/** A monitor of one record and one lease, as often as it is called. */
function instances(name: string) {
  const place = new MemoryPlace()
  return (config: Config = {}) => {
    const service = scriptedService({ name: 'shop', every: '200ms' })
    const runner = createRunner({
      storage: memoryStorage(place),
      services: [service],
      leadership: kubernetesLease({ kubeconfig: server().kubeconfig, name }),
      lease: { duration: '3s', renew: '2s', retry: '500ms' },
      ...config,
    })
    return { runner, service }
  }
}

const standing = (runner: Runner) => runner.leadership().standing

async function holderShown(name: string): Promise<string> {
  const kubectl = await obtainKubectl()
  const column = 'jsonpath={.spec.holderIdentity}'
  return (await kubectl(server().kubeconfig, 'get', 'lease', name, '-o', column)).stdout
}

test('of two instances one checks, and the other within a retry of its end', async () => {
  const join = instances('shops')
  const [a, b] = [join(), join()]
  await a.runner.start()
  await b.runner.start()
  await expect.poll(() => standing(b.runner), SOON).toBe('standby')
  expect(a.runner.leadership()).toMatchObject({ standing: 'leading', term: 1 })
  await expect.poll(() => a.service.calls, SOON).toBeGreaterThan(2)
  expect(b.service.calls).toBe(0)
  expect(await holderShown('shops')).toBe(a.runner.leadership().self)

  await a.runner.stop()
  const stopped = performance.now()
  await expect.poll(() => b.service.calls, SOON).toBeGreaterThan(0)
  expect(performance.now() - stopped).toBeLessThan(1_500)
  expect(b.runner.leadership()).toMatchObject({ standing: 'leading', term: 2 })
  expect(await holderShown('shops')).toBe(b.runner.leadership().self)
  await b.runner.stop()
  expect(await holderShown('shops')).toBe('')
})

test('a leader that cannot see the lease for a while checks on, and leads again', async () => {
  const { runner, service } = instances('patient')()
  await runner.start()
  await server().pause()
  await expect.poll(() => standing(runner), SOON).toBe('lapsed')
  const { calls } = service
  await expect.poll(() => service.calls, SOON).toBeGreaterThan(calls + 2)
  server().resume()
  await expect.poll(() => standing(runner), SOON).toBe('leading')
  expect(runner.leadership().term).toBe(1)
  await runner.stop()
})

test('a start without the right to its lease fails, and says which one is missing', async () => {
  const { api } = server()
  await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'guest' } })
  const token = await server().serviceAccountToken('default', 'guest')
  const kubeconfig = secret(server().asKubeconfig({ token }))
  const { runner } = instances('forbidden')({ leadership: kubernetesLease({ kubeconfig }) })
  const error = await runner.start().catch((thrown: unknown) => thrown)
  expect(isUptimeError(error, 'STORAGE_UNWRITABLE') && error.message).toMatch(/cannot get resource "leases"/)
})
