import { createServer } from 'node:http'
import { secret, systemClock } from '@uptimeserver/core'
import { Cluster, type KubernetesObject, type Patience, Reflector } from '@uptimeserver/kubernetes/client'
import { describe, expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { TcpProxy } from '../../../test/servers/proxy.js'

vi.setConfig({ testTimeout: 60_000 })

/** Without a cache, a version that etcd has forgotten is gone at once. */
const server = forAll(() => startKubernetes({ apiserverFlags: ['--watch-cache-sizes=configmaps#0'] }))

/** Mirrors the ConfigMaps of a namespace through a proxy. */
class Mirror implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #reflector: Reflector<KubernetesObject>
  readonly proxy: TcpProxy
  #done: Promise<void> | undefined
  changes = 0
  failure: string | undefined

  static async of(namespace: string, patience?: Partial<Patience>): Promise<Mirror> {
    await server().api.request('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
    return new Mirror(namespace, await TcpProxy.to(server().port), patience)
  }

  private constructor(namespace: string, proxy: TcpProxy, patience?: Partial<Patience>) {
    this.proxy = proxy
    const kubeconfig = secret(server().asKubeconfig({ server: `https://127.0.0.1:${proxy.port}` }))
    const path = `/api/v1/namespaces/${namespace}/configmaps`
    this.#reflector = new Reflector(new Cluster({ kubeconfig }), { path }, patience)
  }

  get names(): string[] {
    return [...this.#reflector.objects.values()].map(({ metadata }) => metadata.name).sort()
  }

  /** Runs, until it is stopped or loses sight. */
  run(): Promise<void> {
    this.failure = undefined
    const run = this.#reflector.run(systemClock, this.#stop.signal, () => this.changes++)
    this.#done = run.catch((error: Error) => {
      this.failure = error.message
    })
    return this.#done
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the test is over'))
    await this.#done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.proxy[Symbol.asyncDispose]()
  }
}

function create(namespace: string, name: string): Promise<unknown> {
  return server().api.request('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name } })
}

const SOON = { timeout: 1_000, interval: 20 }

test('a watch that is held open and says nothing is noticed when it does not end, and what was swallowed is seen', async () => {
  await using mirror = await Mirror.of('silent', { watch: 2_000, grace: 500 })
  void mirror.run()
  // The watch is open.
  await expect.poll(() => mirror.changes, SOON).toBe(1)
  await create('silent', 'before')
  await expect.poll(() => mirror.names, SOON).toEqual(['before'])
  expect(mirror.proxy.mute()).toBeGreaterThan(0)
  const muted = performance.now()
  await create('silent', 'swallowed')
  await expect
    .poll(() => mirror.failure, { timeout: 5_000, interval: 20 })
    .toMatch(/^the watch came to no end within 2.5s$/)
  expect(performance.now() - muted).toBeLessThan(4_000)
  expect(mirror.names).toEqual(['before'])
  void mirror.run()
  await expect.poll(() => mirror.names, SOON).toEqual(['before', 'swallowed'])
})

test('a connection that breaks costs one request, and no list', async () => {
  await using mirror = await Mirror.of('broken')
  await create('broken', 'one')
  void mirror.run()
  await expect.poll(() => mirror.names, SOON).toEqual(['one'])
  await expect.poll(() => mirror.proxy.connections, SOON).toBe(1)
  const before = mirror.proxy.accepted
  mirror.proxy.cut()
  await expect.poll(() => mirror.failure, SOON).toBeTruthy()
  await create('broken', 'two')
  void mirror.run()
  await expect.poll(() => mirror.names, SOON).toEqual(['one', 'two'])
  expect(mirror.proxy.accepted - before).toBe(1)
})

describe('a version that the server no longer knows', () => {
  test('is followed by a list, and by no storm of them', async () => {
    await using mirror = await Mirror.of('gone')
    await create('gone', 'one')
    void mirror.run()
    await expect.poll(() => mirror.names, SOON).toEqual(['one'])
    mirror.proxy.set('cut')
    await expect.poll(() => mirror.failure, SOON).toBeTruthy()
    await create('gone', 'two')
    await server().api.request('DELETE', '/api/v1/namespaces/gone/configmaps/one')
    await create('gone', 'three')
    await server().compact()
    mirror.proxy.set('pass')
    const before = mirror.proxy.accepted
    void mirror.run()
    await expect.poll(() => mirror.names, { timeout: 5_000 }).toEqual(['three', 'two'])
    expect(mirror.failure).toBeUndefined()
    await create('gone', 'four')
    await expect.poll(() => mirror.names, SOON).toEqual(['four', 'three', 'two'])
    expect(mirror.proxy.accepted - before).toBeLessThanOrEqual(3)
  })
})

/** Says of every watch that it is over already, which no real server can be made to do. */
async function startHasty(): Promise<{ kubeconfig: string; watches: number; close(): void }> {
  const page = JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] })
  const hasty = createServer((request, response) => {
    const isWatch = request.url!.includes('watch=1')
    if (isWatch) state.watches++
    response.end(isWatch ? '' : page)
  })
  await new Promise<void>((resolve) => hasty.listen(0, '127.0.0.1', resolve))
  const { port } = hasty.address() as { port: number }
  const kubeconfig = server().asKubeconfig({ server: `http://127.0.0.1:${port}`, insecure: true })
  const state = { kubeconfig, watches: 0, close: () => void hasty.close() }
  return state
}

test('a server that ends each watch at once is asked less and less often', async () => {
  const hasty = await startHasty()
  const cluster = new Cluster({ kubeconfig: secret(hasty.kubeconfig) })
  const stop = new AbortController()
  const run = new Reflector(cluster, { path: '/things' }).run(systemClock, stop.signal, () => undefined)
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  // At most 0, 0.5, 1.5 and 3.5 s after the beginning, and at least one of the later ones.
  expect(hasty.watches).toBeGreaterThanOrEqual(3)
  expect(hasty.watches).toBeLessThanOrEqual(4)
  stop.abort(new Error('the test is over'))
  await run.catch(() => undefined)
  hasty.close()
})

test('a list is made anew from time to time although nothing calls for one', async () => {
  await using mirror = await Mirror.of('relisted', { watch: 1_000, relist: 500 })
  void mirror.run()
  await expect.poll(() => mirror.changes, { timeout: 10_000 }).toBeGreaterThanOrEqual(3)
})

describe('it ends within a moment', () => {
  test.each(['pass', 'hang', 'cut'] as const)('while the way to the server is: %s', async (mode) => {
    await using mirror = await Mirror.of(`stop-${mode}`)
    if (mode !== 'pass') mirror.proxy.set(mode)
    const done = mirror.run()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const began = performance.now()
    await mirror.stop()
    await done
    expect(performance.now() - began).toBeLessThan(500)
    if (mode === 'hang') mirror.proxy.set('pass')
    await expect.poll(() => mirror.proxy.connections, SOON).toBe(0)
  })

  test('and the first list that hangs has a limit of its own', async () => {
    await using mirror = await Mirror.of('hanging', { list: 500 })
    mirror.proxy.set('hang')
    const began = performance.now()
    await mirror.run()
    expect(mirror.failure).toBe('no list within 500ms')
    expect(performance.now() - began).toBeLessThan(2_000)
    mirror.proxy.set('pass')
  })
})
