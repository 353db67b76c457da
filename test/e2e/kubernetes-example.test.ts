import { join } from 'node:path'
import { secret } from '@uptimeserver/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Follower } from '../../plugins/ingress/test/support/cluster.js'
import { checked } from '../../plugins/kubernetes/test/support/checked.js'
import { forAll } from '../servers/for-all.js'
import { startMongo } from '../servers/mongo.js'
import { HOSTS, ROUTED, ROUTES, SOON } from '../support/kubernetes-contents.js'
import { EXAMPLE, ExampleCluster, manifests, NAMESPACE, textOf } from '../support/kubernetes-example.js'
import { Pod } from '../support/kubernetes-pod.js'
import { type Right, rightsIn, ruleOf } from '../support/kubernetes-rights.js'
import { Project } from '../support/uptime.js'

const RIGHTS: readonly Right[] = [
  'list nodes',
  'list ingresses.networking.k8s.io',
  'watch ingresses.networking.k8s.io',
  `list httproutes.${ROUTES}`,
  `watch httproutes.${ROUTES}`,
]
const INGRESSES = HOSTS.map((host) => `http://${host}/`).sort()
const CHECKS = ['nodes', 'api server']
const ALL = [...INGRESSES, `https://${ROUTED}/`].sort()

const cluster = forAll(ExampleCluster.start)
const mongo = forAll(startMongo)
afterEach(() => void vi.unstubAllEnvs())

const follow = (kubeconfig: string) => new Follower({ kubeconfig: secret(kubeconfig), health: false })

describe('the manifests', () => {
  test.each(manifests)('%s is accepted, and part of the whole', async (file) => {
    const { stdout } = await cluster().kubectl('apply', '--dry-run=server', '-f', join(EXAMPLE, file))
    expect(stdout).toContain('(server dry run)')
    expect(textOf('kustomization.yaml')).toContain(`- ${file}\n`)
  })

  test('make a pod that the namespace admits, which does not admit just any', async () => {
    const { metadata, spec } = (await cluster().deployment()).spec.template
    const admit = (pod: object) =>
      cluster().server.api.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`, pod)
    const pod = { metadata: { ...metadata, name: 'uptime' }, spec }
    await expect(admit(pod)).resolves.toMatchObject({ kind: 'Pod' })
    const asRoot = { ...pod, spec: { ...spec, securityContext: {} } }
    await expect(admit(asRoot)).rejects.toThrow(/violates PodSecurity "restricted/)
    expect(cluster().warnings).not.toMatch(/violate|unknown field/)
  })

  test('give no container a file system that it can write to but for the journal, nor the installation a secret', async () => {
    const { initContainers, containers } = (await cluster().deployment()).spec.template.spec
    for (const { securityContext } of [...initContainers, ...containers])
      expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true })
    const writable = containers.flatMap(({ volumeMounts }) => volumeMounts.filter((each) => !each.readOnly))
    expect(writable.map(({ mountPath }) => mountPath)).toEqual(['/app/uptime.journal'])
    expect(JSON.stringify(initContainers)).not.toContain('secretKeyRef')
  })

  test('are for two instances, of which one at least is always there', async () => {
    const { replicas, strategy } = (await cluster().deployment()).spec
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 }
    expect({ replicas, strategy }).toEqual({
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate },
    })
    const { spec } = await cluster().get<{ spec: object }>(
      `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets/uptime`,
    )
    expect(spec).toMatchObject({ minAvailable: 1, selector: (await cluster().deployment()).spec.selector })
  })

  test('let the kubelet ask where the monitor answers', async () => {
    const { command, ports, livenessProbe, readinessProbe } = await cluster().monitor()
    expect(ports).toMatchObject([{ name: 'health', containerPort: 8080 }])
    expect(command.join(' ')).toBe('uptime run --log json --health 0.0.0.0:8080')
    const asked = [livenessProbe, readinessProbe].map(({ httpGet }) => httpGet)
    expect(asked).toMatchObject([
      { path: '/live', port: 'health' },
      { path: '/ready', port: 'health' },
    ])
  })
})

test('the config is mounted as it is, and valid', async () => {
  const config = await cluster().config()
  expect(config).toBe(textOf('uptime.config.ts'))
  vi.stubEnv('MONGO_URI', 'mongodb://mongo.example.com')
  vi.stubEnv('SHOP_KEY', 'key')
  using project = projectOf(config!)
  const { code, stderr, stdout } = await project.uptime('validate')
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
})

describe('the rights', () => {
  test('are no more than these', async () => {
    expect(rightsIn(await cluster().rules())).toEqual(RIGHTS)
  })

  test('suffice for nodes, API server, Ingress and HTTPRoute', async () => {
    const kubeconfig = await cluster().kubeconfig()
    const { detail, reason } = await checked({ kubeconfig: secret(kubeconfig), check: 'both' })
    expect({ detail, reason }).toMatchObject({ detail: { ready: 2, total: 2 }, reason: undefined })
    await using seen = follow(kubeconfig)
    await expect.poll(() => seen.urls, SOON).toEqual(ALL)
    expect({ skipped: seen.skipped, failure: seen.failure }).toEqual({ skipped: [], failure: undefined })
  })

  test.each(RIGHTS)('%s is needed, and named where it is missing', async (right) => {
    const kubeconfig = await cluster().kubeconfigWithout(right)
    const { verbs, resources, apiGroups } = ruleOf(right)
    const named = `cannot ${verbs} resource "${resources}" in API group "${apiGroups}" at the cluster scope`
    if (right === 'list nodes') {
      expect((await checked({ kubeconfig: secret(kubeconfig) })).reason).toContain(named)
      return
    }
    await using seen = follow(kubeconfig)
    const said = () => [seen.failure, ...seen.skipped.map(({ what, reason }) => `${what}: ${reason}`)].join()
    await expect.poll(said, SOON).toContain(named)
  })

  test.each([
    ['list', RIGHTS.slice(-2)],
    ['watch', RIGHTS.slice(-1)],
  ])(
    'on HTTPRoute may be missing (%s): Ingress is checked all the same, and the rest is told',
    async (verb, missing) => {
      await using seen = follow(await cluster().kubeconfigWithout(...missing))
      await expect.poll(() => seen.urls, SOON).toEqual(INGRESSES)
      const reason = expect.stringMatching(`cannot ${verb} resource "httproutes" in API group "gateway\\.`)
      expect(seen.skipped).toEqual([{ what: 'HTTPRoute', reason }])
      expect(seen.failure).toBe(undefined)
    },
  )
})

describe('the whole', () => {
  test('monitors its own cluster, and is ready while it does', async () => {
    await using pod = await Pod.start(cluster(), mongo().url)
    const { monitor, project } = pod
    for (const checked of CHECKS) await monitor.until(({ name, to }) => name === checked && to === 'up')
    expect(await pod.answers()).toEqual({ live: true, ready: true, leading: true })
    const discovered = async () => {
      const [{ services, skipped } = {}] = (await project.uptime('status', '--discovery', '--json')).json()
      const reasons = (skipped as { reason: string }[] | undefined)?.map(({ reason }) => reason)
      return { services, reasons: reasons?.sort() }
    }
    const reasons = ['excluded by the config', 'orders.example is not in allow', `${ROUTED} is not in allow`]
    await expect.poll(discovered, SOON).toEqual({ services: 1, reasons })
    await monitor.end('SIGTERM')
    expect(await pod.answers()).toEqual({ live: false, ready: false, leading: false })
  })

  test('goes on when the one that leads is killed: the other knows everything, and checks it', async () => {
    await using first = await Pod.start(cluster(), mongo().url)
    await first.monitor.until(({ event, standing }) => event === 'leadership' && standing === 'leading')
    for (const checked of CHECKS) await first.monitor.until(({ name, to }) => name === checked && to === 'up')
    await using second = await Pod.start(cluster(), mongo().url)
    await expect.poll(() => second.answers(), SOON).toEqual({ live: true, ready: true, leading: false })

    const known = () => upSince(second.project)
    await expect.poll(async () => Object.keys(await known()), SOON).toEqual(expect.arrayContaining(CHECKS))
    const before = await known()
    await first.monitor.end('SIGKILL')
    await expect.poll(() => second.answers(), SOON).toEqual({ live: true, ready: true, leading: true })
    const checks = () => second.monitor.said('check').map(({ name, ok }) => ok && name)
    await expect.poll(checks, SOON).toEqual(expect.arrayContaining(CHECKS))
    await expect.poll(known, SOON).toEqual(before)
    await second.monitor.end('SIGTERM')
  })
})

/** What is up, and since when. */
async function upSince(project: Project): Promise<Record<string, string>> {
  const rows = (await project.uptime('status', '--json')).json<Record<string, string>[]>()
  const up = rows.filter(({ status }) => status === 'up')
  return Object.fromEntries(up.map(({ name, since }) => [name, since]))
}

function projectOf(config: string): Project {
  const project = new Project({ 'uptime.config.ts': config })
  project.usePackages()
  return project
}
