// What discovery costs with 5,000 Ingresses, beside the ordinary client's informer, which only mirrors the objects.
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRunner } from '@uptimeserver/core'
import { ingress } from '@uptimeserver/ingress'
import { memoryStorage } from '@uptimeserver/testing'
import { createJiti } from 'jiti'
import { median, ratio } from './numbers.mjs'
import { inOwnProcess } from './own-process.mjs'

const PATH = '/apis/networking.k8s.io/v1/namespaces/default/ingresses'
const CHANGES = 30

export async function ingressRows({ rounds, say }) {
  const jiti = createJiti(import.meta.url)
  const { startKubernetes } = await jiti.import('../servers/kubernetes.ts')
  const { TcpProxy } = await jiti.import('../servers/proxy.ts')
  const count = rounds > 1 ? 5_000 : 500
  const server = await startKubernetes()
  const proxy = await TcpProxy.to(server.port)
  try {
    const kubeconfig = `${server.kubeconfig}.proxied`
    writeFileSync(kubeconfig, server.asKubeconfig({ server: `https://127.0.0.1:${proxy.port}` }))
    say(`  creating ${count} Ingresses`)
    await create(server.api, count)
    const results = { ours: [], informer: [] }
    for (let round = 0; round < Math.min(rounds, 3); round++) {
      for (const mode of Object.keys(results)) {
        const before = proxy.accepted
        const result = await inOwnProcess(import.meta.filename, mode, kubeconfig, String(count))
        results[mode].push({ ...result, requests: proxy.accepted - before })
      }
    }
    return rowsOf(results, count.toLocaleString('en'))
  } finally {
    await proxy[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  }
}

function rowsOf({ ours, informer }, count) {
  const of = (results, key) => results.map((result) => result[key])
  const row = (what, key, unit) => ({
    what,
    against: `the ordinary client's informer, objects only`,
    ours: `${median(of(ours, key)).toFixed(0)} ${unit}`,
    theirs: `${median(of(informer, key)).toFixed(0)} ${unit}`,
    ratio: ratio(of(ours, key), of(informer, key)),
  })
  const plain = (what, value, unit) => ({
    what,
    against: '–',
    ours: `${value} ${unit}`,
    theirs: '–',
    value,
    unit,
  })
  const change = (key) => Number(median(of(ours, key)).toFixed(1))
  return [
    row(`${count} Ingresses: from start to all services, loading the client included`, 'ms', 'ms'),
    row('the same, resident memory', 'rss', 'MB'),
    plain('the same, requests', median(of(ours, 'requests')) - CHANGES, 'requests'),
    plain('one of them changes: until the services have changed', change('changeMs'), 'ms'),
    plain('the same, CPU, the change itself included', change('changeCpu'), 'ms'),
  ]
}

async function create(api, count) {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
  const names = Array.from({ length: count }, (_, index) => `i${index}`)
  while (names.length)
    await Promise.all(
      names.splice(0, 25).map((name) =>
        api.request('POST', PATH, {
          metadata: {
            name,
            annotations: { 'example.com/team': 'shop', 'example.com/note': 'x'.repeat(200) },
          },
          spec: { rules: [{ host: `${name}.localhost`, http }] },
        }),
      ),
    )
}

const MODES = {
  async ours(kubeconfig, count) {
    const began = performance.now()
    const runner = createRunner({
      ...{ storage: memoryStorage(), services: [], consolidators: [], every: '1h', attempts: 1 },
      providers: [ingress({ kubeconfig, namespace: 'default', health: false })],
    })
    await runner.start()
    while (runner.status().length < count) await sleep(5)
    const ms = performance.now() - began
    const rss = process.memoryUsage.rss() / 2 ** 20
    // The first checks are not what is measured.
    while (runner.status().some(({ lastCheck }) => lastCheck === null)) await sleep(100)
    const changes = []
    for (let n = 0; n < CHANGES; n++) changes.push(await measureChange(runner, kubeconfig, n))
    await runner.stop()
    return {
      ...{ ms, rss },
      changeMs: median(changes.map((change) => change.ms)),
      changeCpu: median(changes.map((change) => change.cpu)),
    }
  },
  async informer(kubeconfig, count) {
    const began = performance.now()
    const { KubeConfig, NetworkingV1Api, makeInformer } = await import(clientPath())
    const config = new KubeConfig()
    config.loadFromFile(kubeconfig)
    const api = config.makeApiClient(NetworkingV1Api)
    const list = () => api.listNamespacedIngress({ namespace: 'default' })
    const informer = makeInformer(config, PATH, list)
    await informer.start()
    while (informer.list().length < count) await sleep(5)
    const ms = performance.now() - began
    const rss = process.memoryUsage.rss() / 2 ** 20
    return { ms, rss }
  },
}

/** The client is a dependency of the plugin alone. */
function clientPath() {
  return new URL(
    '../../plugins/kubernetes/node_modules/@kubernetes/client-node/dist/index.js',
    import.meta.url,
  ).href
}

async function measureChange(runner, kubeconfig, n) {
  const changed = new Promise((resolve) => {
    const stop = runner.on('services', () => {
      stop()
      resolve(performance.now())
    })
  })
  const cpu = process.cpuUsage()
  const annotations = { 'uptime.dev/path': `/p${Date.now()}` }
  const done = patch(kubeconfig, `${PATH}/i${n}`, { metadata: { annotations } })
  const began = performance.now()
  const ms = (await changed) - began
  await done
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpu: (user + system) / 1_000 }
}

function patch(kubeconfig, path, body) {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8'))
  const decode = (text) => Buffer.from(text, 'base64')
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user
  const options = {
    ...{ method: 'PATCH', agent: false },
    headers: { 'content-type': 'application/merge-patch+json' },
    ca: decode(clusters[0].cluster['certificate-authority-data']),
    ...{ cert: decode(cert), key: decode(key) },
  }
  return new Promise((resolve, reject) => {
    const sent = request(clusters[0].cluster.server + path, options, (response) =>
      response.resume().on('end', resolve),
    )
    sent.on('error', reject).end(JSON.stringify(body))
  })
}

if (process.argv[1] === import.meta.filename) {
  const [mode, kubeconfig, count] = process.argv.slice(2)
  const result = await MODES[mode](kubeconfig, Number(count))
  process.send(result, () => process.exit())
}
