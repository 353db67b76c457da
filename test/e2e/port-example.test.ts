import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AncestorDatabase, DAY, HOUR } from '../../packages/cli/test/support/ancestor.js'
import { ingressObject } from '../../plugins/ingress/test/support/cluster.js'
import { startElasticsearch } from '../servers/elasticsearch.js'
import { forAll } from '../servers/for-all.js'
import { type KubernetesServer, startKubernetes } from '../servers/kubernetes.js'
import { startMongo } from '../servers/mongo.js'
import { EXAMPLE, HOSTS, portProject, Sites, withContexts } from '../support/port-example.js'
import type { Project, Running } from '../support/uptime.js'

const KEY = 'kong-key-hunter2'
const SOON = { timeout: 20_000, interval: 100 }
const example = JSON.parse(readFileSync(join(EXAMPLE, 'secret.example.json'), 'utf8'))
const scripts = JSON.parse(readFileSync(join(EXAMPLE, 'package.json'), 'utf8')).scripts as Record<
  string,
  string
>

const mongo = forAll(startMongo)
const kubernetes = forAll(async () => {
  const cluster = await startKubernetes()
  await fill(cluster)
  return cluster
})
const search = forAll(() => startElasticsearch({ mode: 'basic' }))
const sites = forAll(() => Sites.start())

/** The file of somebody whose clusters are on this machine; what it does not say is as in the example. */
let count = 0
function ownSecret(): Record<string, unknown> {
  const { env, kubernetes_clusters, elasticsearch_clusters } = example
  const { username: user, password: secret } = search().users.monitor
  const storage = { ...env.prod.storage, uri: mongo().url, db: `port-${++count}` }
  const monitoring = { ...env.prod.monitoring, check_every_seconds: 5, fast_retry_every_seconds: 0.5 }
  const port = Number(new URL(search().url).port)
  return {
    ...example,
    env: { prod: { ...env.prod, storage, monitoring } },
    mongodb_clusters: [
      { name: 'MongoDB Dev', uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300' },
      { name: 'MongoDB Prod', uri: mongo().url },
    ],
    kubernetes_clusters,
    elasticsearch_clusters: [
      {
        ...{ ...elasticsearch_clusters[1], name: 'Elasticsearch', hosts: ['127.0.0.1', 'localhost'], port },
        auth: { type: 'http', user, secret },
      },
    ],
    KONG_HEALTH_APIKEY: KEY,
  }
}

async function fill({ api }: KubernetesServer): Promise<void> {
  for (const name of ['node-a', 'node-b']) {
    await api.request('POST', '/api/v1/nodes', { metadata: { name } })
    const conditions = [{ type: 'Ready', status: 'True' }]
    await api.request('PATCH', `/api/v1/nodes/${name}/status`, { status: { conditions } })
  }
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: 'web' } })
  const all = Object.values(HOSTS).flat()
  // Whoever writes one chooses the path, too.
  const paths = [['/api.cloud.localhost', 'Prefix'] as const]
  const trap = ingressObject('trap', { hosts: [HOSTS.plain[0]!], paths })
  const ingresses = '/apis/networking.k8s.io/v1/namespaces/web/ingresses'
  for (const [index, host] of all.entries())
    await api.request('POST', ingresses, ingressObject(`web-${index}`, { hosts: [host] }))
  await api.request('POST', ingresses, trap)
}

let project: Project
beforeEach(() => {
  project = portProject(ownSecret(), sites())
  const contexts = example.kubernetes_clusters.map(({ context }: { context: string }) => context)
  project.write('kubeconfig', withContexts(kubernetes(), contexts))
  vi.stubEnv('KUBECONFIG', project.path('kubeconfig'))
  vi.stubEnv('NODE_EXTRA_CA_CERTS', project.path('ca.pem'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  project?.[Symbol.dispose]()
})

const SITES = [...HOSTS.kong, ...HOSTS.plain].map((host) => `https://${host}:PORT/health`)
const TRAP = `https://${HOSTS.plain[0]}:PORT/api.cloud.localhost/health`
const withPort = (url: string) => url.replace('PORT', String(sites().port))
const UP = ['MongoDB Prod', 'Kubernetes AWS', 'Kubernetes GCE', 'Elasticsearch']

const settled = async (monitor: Running) => {
  for (const name of [...UP, ...[...SITES, TRAP].map(withPort)])
    await monitor.until((line) => line.event === 'check' && line.name === name && line.ok === true)
}

/** One of the example's npm scripts, with further words. */
const script = (name: string, ...words: string[]) =>
  project.uptime(...scripts[name]!.split(' ').slice(1), ...words)

test('all four kinds of services are monitored, and both consolidations come to figures', async () => {
  const october = Date.parse('2017-10-01T00:00:00Z')
  await using ancestor = await AncestorDatabase.create(mongo().url, 'uptime-prod')
  const prod = await ancestor.service(october - DAY, 'Mongo', 'MongoDB Prod')
  await ancestor.downtime(prod, october + 3 * DAY, october + 3 * DAY + HOUR)
  for (let day = 0; day < 32; day++)
    await ancestor.figure('daily', prod, october + day * DAY, october + day * DAY, 100)
  const migrated = await script('migrate', '--uri', mongo().url, '--db', 'uptime-prod', '--write')
  expect(migrated).toMatchObject({ code: 0, stderr: '' })

  await using monitor = project.run('--verbose')
  await settled(monitor)
  await monitor.until((line) => line.name === 'MongoDB Dev' && line.to === 'down')
  const rows = (await project.uptime('status', '--json')).json<Record<string, unknown>[]>()
  const kinds = rows.map(({ kind, status, category }) => `${kind} ${status} (${category})`)
  expect(kinds.sort()).toEqual([
    'elasticsearch up (infra)',
    ...Array(5).fill('http up (ns)'),
    ...Array(2).fill('kubernetes up (infra)'),
    ...['mongo down (infra)', 'mongo up (infra)'],
  ])

  const sla = await script('consolidate:sla', '--of', '2017-10')
  expect(sla).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^sla: (\d+ figures? frozen|\d+ refreshed|nothing new)/),
  })
  const figures = (await project.uptime('sla', '--of', '2017-10', '--json')).json<Record<string, unknown>[]>()
  const uptime = 100 - (100 * HOUR) / (31 * DAY)
  expect(figures).toMatchObject([{ name: 'MongoDB Prod', version: 1, coverage: 100 }])
  expect(figures[0]!.uptime).toBeCloseTo(uptime, 9)

  const status = await script('consolidate:status')
  expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^status: /) })
  const shown = (await project.uptime('status', '--public', '--json')).json<
    { name: string; status: string }[]
  >()
  // Only infra is shown, and what is down for less than ten minutes is shown as up.
  expect(Object.fromEntries(shown.map(({ name, status }) => [name, status]))).toEqual(
    Object.fromEntries([...UP, 'MongoDB Dev'].map((name) => [name, 'up'])),
  )
  expect(await monitor.end('SIGTERM')).toMatchObject({ code: 0 })
}, 120_000)

test('the header of the Kong family goes nowhere else', async () => {
  const before = sites().seen.length
  await using monitor = project.run('--verbose')
  await settled(monitor)
  const seen = () => sites().seen.slice(before)
  await expect.poll(() => seen().filter(({ path }) => path === '/arrived').length, SOON).toBeGreaterThan(1)
  await monitor.end('SIGTERM')
  const told = new Set(
    seen()
      .filter(({ apikey }) => apikey !== undefined)
      .map(({ host, path }) => host + path),
  )
  expect([...told].sort()).toEqual(HOSTS.kong.map((host) => `${host}/health`).sort())
  expect(new Set(seen().map(({ apikey }) => apikey))).toEqual(new Set([KEY, undefined]))
  const asked = new Set(seen().map(({ host, path }) => host + path))
  const [shop] = HOSTS.plain
  expect([...asked].sort()).toEqual(
    [
      ...[...HOSTS.kong, ...HOSTS.plain].map((host) => `${host}/health`),
      ...[`${shop}/arrived`, `${shop}/api.cloud.localhost/health`],
    ].sort(),
  )
  expect(JSON.stringify([monitor.lines, monitor.stderr])).not.toContain(KEY)
}, 120_000)

describe('secret.json', () => {
  test('of the example says all keys, and is valid in both environments', async () => {
    project.write('secret.json', JSON.stringify(example))
    for (const [environment, consolidators] of [
      ['prod', ['sla', 'status']],
      ['dev', []],
    ] as const) {
      vi.stubEnv('UPTIME_ENV', environment)
      const { code, stderr, stdout } = await project.uptime('validate', '--json')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(JSON.parse(stdout)).toMatchObject({ consolidators, providers: ['aws-k8s-ingress'] })
      expect(stdout).not.toContain('change-me')
    }
    vi.stubEnv('UPTIME_ENV', 'test')
    expect((await project.uptime('validate')).stderr).toContain(
      'UPTIME_ENV: found "test", expected one of prod, dev',
    )
  })

  test('is told everything that is wrong with it at once, each by its path, and nothing of it is repeated', async () => {
    const wrong = structuredClone(example)
    wrong.env.prod.storage.backend = 'hunter2'
    wrong.env.prod.consolidations.status.filter = { status: 1 }
    wrong.env.dev.monitoring.check_every_seconds = 'hunter2'
    wrong.mongodb_clusters[1].uri = ['hunter2']
    wrong.kubernetes_clusters[0].availability = 101
    wrong.elasticsearch_clusters[0].auth.type = 'hunter2'
    wrong.elasticsearch_clusters[1].auth.user = null
    delete wrong.KONG_HEALTH_APIKEY
    project.write('secret.json', JSON.stringify(wrong))
    const { code, stderr } = await project.uptime('validate')
    expect(code).toBe(2)
    expect(stderr).not.toContain('hunter2')
    const paths = stderr.split('\n').flatMap((line) => /^- (\S+): found/.exec(line)?.[1] ?? [])
    expect(paths).toEqual([
      'env.prod.storage.backend',
      'env.prod.consolidations.status.filter.status',
      'env.dev.monitoring.check_every_seconds',
      'mongodb_clusters[1].uri',
      'kubernetes_clusters[0].availability',
      'elasticsearch_clusters[0].auth.type',
      'elasticsearch_clusters[1].auth.user',
      'KONG_HEALTH_APIKEY',
    ])
  })
})

afterAll(() => vi.unstubAllEnvs())
