import { setTimeout as sleep } from 'node:timers/promises'
import { createRunner, type Runner, secret } from '@uptimeserver/core'
import { all } from '@uptimeserver/core/kit'
import { type Ingress, ingress } from '@uptimeserver/ingress'
import { MemoryPlace, memoryStorage, quietContext } from '@uptimeserver/testing'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { obtainKubectl } from '../../../test/servers/kubectl.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { TcpProxy } from '../../../test/servers/proxy.js'
import { randomFrom } from '../../../test/support/random.js'
import { Namespace } from './support/cluster.js'

vi.setConfig({ testTimeout: 300_000 })

const server = forAll(async () => {
  const kubectl = await obtainKubectl()
  const apiserverFlags = ['--watch-cache-sizes=ingresses.networking.k8s.io#0']
  return Object.assign(await startKubernetes({ apiserverFlags }), { kubectl })
})

/** Ingresses that are created, changed and removed at random; no URL ever comes twice. */
class Churn {
  readonly #namespace: Namespace
  readonly #random: () => number
  readonly #names: string[] = []
  #count = 0

  constructor(namespace: Namespace, seed: number) {
    this.#namespace = namespace
    this.#random = randomFrom(seed)
  }

  async create(): Promise<void> {
    const name = `i${++this.#count}`
    // Names below localhost need no DNS, and what they resolve to is refused: every check fails at once.
    await this.#namespace.create(name, { hosts: [`${name}.localhost`] })
    this.#names.push(name)
  }

  async go(ms: number): Promise<void> {
    for (const end = performance.now() + ms; performance.now() < end; ) {
      await this.#step()
      await sleep(20)
    }
  }

  #step(): Promise<unknown> {
    const dice = this.#random()
    const index = Math.floor(this.#random() * this.#names.length)
    const name = this.#names[index]!
    if (dice < 0.3) return this.create()
    if (dice < 0.4) return this.#namespace.remove(this.#names.splice(index, 1)[0]!)
    if (dice < 0.7) return this.#namespace.setStatus(name, `192.0.2.${++this.#count % 250}`)
    if (dice < 0.8) return this.#annotate(name, { 'uptime.dev/category': `c${this.#count}` })
    return this.#annotate(name, { 'uptime.dev/path': `/p${++this.#count}` })
  }

  #annotate(name: string, annotations: object): Promise<unknown> {
    return this.#namespace.patch(name, { metadata: { annotations } })
  }
}

/** What `kubectl get ingress` shows. */
async function shown(namespace: Namespace): Promise<string[]> {
  const urlOf = ({ metadata, spec }: Ingress) =>
    `http://${spec!.rules![0]!.host}${metadata.annotations?.['uptime.dev/path'] ?? '/'}`
  const asked = ['get', 'ingress', '--namespace', namespace.name, '--output', 'json']
  const { stdout } = await server().kubectl(server().kubeconfig, ...asked)
  return (JSON.parse(stdout) as { items: Ingress[] }).items.map(urlOf).sort()
}

/** Watches that no service that stays loses a failed check that was counted. */
class Counts {
  readonly #runner: Runner
  readonly #last = new Map<string, number>()
  lost: string[] = []
  highest = 0

  constructor(runner: Runner) {
    this.#runner = runner
    runner.on('services', ({ removed }) => {
      for (const { id } of removed) this.#last.delete(id)
    })
  }

  look(): void {
    for (const { id, name, failures } of this.#runner.status()) {
      if (failures < (this.#last.get(id) ?? 0)) this.lost.push(`${name}: ${this.#last.get(id)} → ${failures}`)
      this.#last.set(id, failures)
      this.highest = Math.max(this.highest, failures)
    }
  }
}

test('500 Ingresses that change all the time are followed through whatever happens to the API server', async () => {
  const seed = Date.now() % 1_000_000
  await using proxy = await TcpProxy.to(server().port)
  const namespace = await Namespace.create(server().api, 'chaos')
  const churn = new Churn(namespace, seed)
  while ((await namespace.list()).length < 500)
    await Promise.all(Array.from({ length: 25 }, () => churn.create()))

  const kubeconfig = secret(server().asKubeconfig({ server: `https://127.0.0.1:${proxy.port}` }))
  await using runner = createRunner({
    storage: memoryStorage(),
    ...{ every: '2s', retryEvery: '1s', attempts: 1_000, consolidators: [] },
    services: [],
    providers: [ingress({ kubeconfig, namespace: 'chaos', health: false })],
  })
  const removals: string[] = []
  runner.on('services', ({ removed }) => removals.push(...removed.map(({ name }) => name)))
  const counts = new Counts(runner)
  await runner.start()
  const looking = setInterval(() => counts.look(), 200)
  const began = performance.now()
  const story: string[] = []

  /** Waits until there is sight again and a quiet second has passed; then nothing may differ. */
  const settle = async (after: string) => {
    const from = performance.now()
    await expect.poll(() => runner.providers()[0]!.staleSince, { timeout: 60_000, interval: 50 }).toBeNull()
    story.push(`${after}: sight after ${Math.round(performance.now() - from)} ms`)
    await sleep(1_000)
    const monitored = runner
      .status()
      .map(({ name }) => name)
      .sort()
    expect(monitored, `${after} (seed ${seed})`).toEqual(await shown(namespace))
    expect(counts.lost, `${after} (seed ${seed})`).toEqual([])
  }

  try {
    await expect.poll(() => runner.status().length, { timeout: 10_000 }).toBeGreaterThan(0)
    await churn.go(10_000)
    await settle('churn')

    proxy.set('cut')
    await churn.go(4_000)
    expect(runner.providers()[0]).toMatchObject({ staleSince: expect.any(Number), error: expect.any(String) })
    proxy.set('pass')
    await churn.go(3_000)
    await settle('the port cut')

    proxy.set('cut')
    await churn.go(2_000)
    await server().compact()
    proxy.set('pass')
    await churn.go(3_000)
    await settle('compaction (410)')

    await server().kill()
    await sleep(2_000)
    await server().restart()
    await churn.go(5_000)
    await settle('kill -9')

    const before = new Set(runner.status().map(({ name }) => name))
    removals.length = 0
    await server().pause()
    await sleep(40_000)
    expect(runner.providers()[0]!.staleSince, 'frozen').not.toBeNull()
    expect(removals, 'nobody is dropped while there is no sight').toEqual([])
    expect(new Set(runner.status().map(({ name }) => name))).toEqual(before)
    server().resume()
    await churn.go(5_000)
    await settle('frozen for 40 s')
  } finally {
    clearInterval(looking)
  }
  const seconds = Math.round((performance.now() - began) / 1_000)
  // biome-ignore lint/suspicious/noConsole: how many requests it took is worth reading
  console.log(`chaos, seed ${seed}: ${proxy.accepted} API requests in ${seconds} s; ${story.join('; ')}`)
  // Two watches a minute for each kind, a list where it is due, and retries that double their pause.
  expect(proxy.accepted).toBeLessThan(100)
  expect(counts.highest, 'failed checks were counted all the time').toBeGreaterThan(20)
})

test('a restart of the monitor goes on with what it had: the same downtime, before the cluster has answered and after', async () => {
  const namespace = await Namespace.create(server().api, 'restart')
  await namespace.create('kept', { hosts: ['kept.localhost'] })
  const place = new MemoryPlace()
  await using proxy = await TcpProxy.to(server().port)
  const kubeconfig = secret(server().asKubeconfig({ server: `https://127.0.0.1:${proxy.port}` }))
  const run = () =>
    createRunner({
      storage: memoryStorage(place),
      ...{ every: '500ms', retryEvery: '100ms', attempts: 2, consolidators: [] },
      services: [],
      providers: [ingress({ kubeconfig, namespace: 'restart', health: false })],
    })
  {
    await using first = run()
    await first.start()
    await expect.poll(() => first.status()[0]?.status, { timeout: 10_000 }).toBe('down')
  }
  proxy.set('hang')
  await using second = run()
  await second.start()
  await sleep(300)
  expect(second.providers()[0]!.services).toBe(0)
  proxy.set('pass')
  await expect.poll(() => second.status()[0]?.status, { timeout: 10_000 }).toBe('down')
  await sleep(500)
  await second.stop()
  const record = memoryStorage(place)
  await record.open(quietContext(), { monitor: 'default', readOnly: true })
  expect(await all(record.downtimes())).toMatchObject([
    { end: null, reason: expect.stringMatching(/^refused to connect/) },
  ])
  expect(await record.services()).toMatchObject([
    { name: 'http://kept.localhost/', monitored: [{ end: null }] },
  ])
})
