import type { Service } from '@uptimeserver/core'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { ApiError, type KubernetesApi } from '../../../test/servers/kubernetes-api.js'
import type { Ingress } from '../src/objects.js'
import { Follower, Namespace } from './support/cluster.js'
import { selectionFor } from './support/objects.js'
import { objectFrom, strange } from './support/strange.js'

vi.setConfig({ testTimeout: 120_000 })

const server = forAll(startKubernetes)
const SAMPLE = 300

/** As it is written to the API server, which wants to know where each path leads. */
function manifestOf({ metadata: { name, annotations }, spec = {} }: Ingress): object {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  const rules = spec.rules?.map(({ http, ...rule }) => ({
    ...rule,
    ...(http && { http: { paths: http.paths?.map((path) => ({ ...path, backend })) } }),
  }))
  const defaultBackend = spec.defaultBackend && backend
  const kind = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
  return { ...kind, metadata: { name, annotations }, spec: { ...spec, defaultBackend, rules } }
}

async function post(api: KubernetesApi, namespace: string, objects: readonly Ingress[]): Promise<void> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`
  const waiting = [...objects]
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop())
      await api.request('POST', path, manifestOf(next)).catch(unlessInvalid)
  }
  await Promise.all(Array.from({ length: 10 }, work))
}

function unlessInvalid(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 422)) throw error
}

const shown = ({ identity, kind, name, category, labels, timing, defaults }: Service) =>
  structuredClone({ identity, kind, name, category, labels, timing, defaults })

test('what a real API server takes of them is discovered as it is selected', async () => {
  const seed = Date.now()
  const objects = fc.sample(strange, { numRuns: SAMPLE, seed }).map(objectFrom)
  const namespace = await Namespace.create(server().api, 'strange')
  await post(server().api, namespace.name, objects)
  const stored = await namespace.list()
  expect(stored.length, `seed ${seed}: most must be taken`).toBeGreaterThan(SAMPLE / 2)

  const { services, skipped } = selectionFor().select(stored)
  await using seen = new Follower({ kubeconfig: server().kubeconfig, namespace: namespace.name })
  await expect.poll(() => seen.sets, { timeout: 10_000 }).toBeGreaterThan(0)
  expect([...seen.services.values()].map(shown), `seed ${seed}`).toEqual(services.map(shown))
  const absence = { what: 'HTTPRoute', reason: 'the cluster has no Gateway API (v1)', harmless: true }
  expect(seen.skipped, `seed ${seed}`).toEqual([absence, ...skipped!])
  expect(seen.services.size, `seed ${seed}`).toBeGreaterThan(SAMPLE / 2)
})
