import { type Lease, secret } from '@uptimeserver/core'
import { type KubernetesLeaseOptions, kubernetesLease } from '@uptimeserver/kubernetes'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { obtainKubectl } from '../../../test/servers/kubectl.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { TcpProxy } from '../../../test/servers/proxy.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(startKubernetes)

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
const AT = Date.parse('2026-01-01T00:00:00.123Z')
const LEASE: Lease = { holder: 'host/42', term: 3, acquired: AT, renewed: AT, duration: 14_200 }

const leaseOf = (name: string, options: KubernetesLeaseOptions = {}) =>
  kubernetesLease({ kubeconfig: server().kubeconfig, name, ...options })
const get = (name: string) =>
  server().api.request<{ metadata: object; spec: object }>('GET', `${LEASES}/${name}`)
/** As another program makes one. */
const make = (name: string, { metadata, spec }: { metadata?: object; spec?: object } = {}) =>
  server().api.request('POST', LEASES, { metadata: { name, ...metadata }, ...(spec && { spec }) })

test('people see who leads, since when, and how often that changed', async () => {
  await leaseOf('shown').write(LEASE, undefined)
  expect((await get('shown')).spec).toEqual({
    holderIdentity: 'host/42',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.123000Z',
    renewTime: expect.stringMatching(/^2026-01-01T00:00:00\.123\d{3}Z$/),
    leaseTransitions: 3,
  })
  const kubectl = await obtainKubectl()
  const { stdout } = await kubectl(server().kubeconfig, 'get', 'lease', 'shown')
  expect(stdout).toMatch(/^shown +host\/42 /m)
})

test('its duration is promised in whole seconds, never less than was asked for', async () => {
  const leases = leaseOf('rounded')
  await leases.write(LEASE, undefined)
  expect((await leases.read())?.lease).toEqual({ ...LEASE, duration: 15_000 })
})

test('a Lease that somebody else has made empty is nobody’s, of term 0, and can be taken', async () => {
  await make('foreign')
  const leases = leaseOf('foreign')
  const found = await leases.read()
  expect(found?.lease).toEqual({ holder: null, term: 0, acquired: 0, renewed: 0, duration: 0 })
  expect(await leases.write(LEASE, undefined)).toBeUndefined()
  expect(await leases.write(LEASE, found?.token)).toBeDefined()
})

test('a Lease that another program holds is held', async () => {
  const spec = { holderIdentity: 'somebody', leaseDurationSeconds: 40 }
  await make('busy', { spec })
  expect((await leaseOf('busy').read())?.lease).toMatchObject({
    holder: 'somebody',
    term: 0,
    duration: 40_000,
  })
})

test('what others have put on it stays, also when it is given back', async () => {
  const metadata = { labels: { team: 'shop' }, annotations: { note: 'ours' } }
  await make('labelled', { metadata, spec: { holderIdentity: '' } })
  const leases = leaseOf('labelled')
  const { token, lease } = (await leases.read())!
  expect(lease.holder).toBeNull()
  const held = await leases.write(LEASE, token)
  await leases.write({ ...LEASE, holder: null }, held)
  const { metadata: kept, spec } = await get('labelled')
  expect(kept).toMatchObject(metadata)
  expect(spec).not.toHaveProperty('holderIdentity')
})

test('one that was deleted is not made anew by who held it, and is the first again', async () => {
  const leases = leaseOf('deleted')
  const token = await leases.write(LEASE, undefined)
  await server().api.request('DELETE', `${LEASES}/deleted`)
  expect(await leases.write(LEASE, token)).toBeUndefined()
  expect(await leases.read()).toBeUndefined()
  expect(await leases.write({ ...LEASE, term: 4 }, undefined)).toBeDefined()
  expect(await leases.write(LEASE, token)).toBeUndefined()
})

test('it is in the namespace of the context, unless another is named', async () => {
  for (const name of ['here', 'there'])
    await server().api.request('POST', '/api/v1/namespaces', { metadata: { name } })
  const kubeconfig = secret(server().asKubeconfig({ namespace: 'here' }))
  await leaseOf('placed', { kubeconfig }).write(LEASE, undefined)
  await leaseOf('placed', { kubeconfig, namespace: 'there' }).write({ ...LEASE, holder: 'b' }, undefined)
  const holderIn = async (namespace: string) => (await leaseOf('placed', { namespace }).read())?.lease.holder
  expect([await holderIn('here'), await holderIn('there')]).toEqual(['host/42', 'b'])
  expect(await leaseOf('placed').read()).toBeUndefined()
})

test('a namespace that is not there is told', async () => {
  const leases = leaseOf('lost', { namespace: 'nowhere' })
  expect(await leases.read()).toBeUndefined()
  await expect(leases.write(LEASE, undefined)).rejects.toMatchObject({
    code: 'STORAGE_UNWRITABLE',
    message: 'the lease lost: the API server answered 404: namespaces "nowhere" not found',
  })
})

test('a right that is missing is named, and all that are needed', async () => {
  await server().api.request('POST', '/api/v1/namespaces/default/serviceaccounts', {
    metadata: { name: 'guest' },
  })
  const token = await server().serviceAccountToken('default', 'guest')
  const leases = leaseOf('secret', { kubeconfig: secret(server().asKubeconfig({ token })) })
  const refused = (verb: string) => ({
    code: 'STORAGE_UNWRITABLE',
    message: expect.stringMatching(
      `a right is missing \\(403\\): .*cannot ${verb} resource "leases".* in the namespace "default"; give the account get, create and update on leases`,
    ),
  })
  await expect(leases.read()).rejects.toMatchObject(refused('get'))
  await expect(leases.write(LEASE, undefined)).rejects.toMatchObject(refused('create'))
  await expect(leases.write(LEASE, 'a/1')).rejects.toMatchObject(refused('update'))
})

test('what takes a person is told from what may be over in a while', async () => {
  const codeOf = (kubeconfig: string) =>
    leaseOf('it', { kubeconfig: secret(kubeconfig) })
      .read()
      .then(
        () => 'none',
        ({ code }) => code,
      )
  const untrusted = JSON.parse(server().asKubeconfig())
  delete untrusted.clusters[0].cluster['certificate-authority-data']
  expect(await codeOf('{}')).toBe('STORAGE_UNWRITABLE')
  expect(await codeOf(JSON.stringify(untrusted))).toBe('STORAGE_UNWRITABLE')
  expect(await codeOf(server().asKubeconfig({ token: 'hunter2' }))).toBe('STORAGE_UNWRITABLE')
  expect(await codeOf(server().asKubeconfig({ server: 'https://127.0.0.1:1' }))).toBe('STORAGE_UNREACHABLE')
})

test('an API server that is frozen, without its etcd, or gone is away, and told in time', async () => {
  const leases = leaseOf('away', { timeout: '500ms' })
  const token = await leases.write(LEASE, undefined)
  const away = { code: 'STORAGE_UNREACHABLE', message: expect.stringMatching(/^the lease away: /) }
  await server().pause()
  const began = performance.now()
  await expect(leases.read()).rejects.toMatchObject({
    ...away,
    message: 'the lease away: no answer from the API server within 500ms',
  })
  expect(performance.now() - began).toBeLessThan(2_000)
  server().resume()
  await server().killEtcd()
  await expect(leases.write(LEASE, token)).rejects.toMatchObject(away)
  await server().restartEtcd()
  await server().kill()
  await expect(leases.read()).rejects.toMatchObject(away)
  await server().restart()
  await expect.poll(() => leases.read().catch(() => undefined), { timeout: 20_000 }).toHaveProperty('lease')
})

test('nothing of it stays open', async () => {
  await using proxy = await TcpProxy.to(server().port)
  const kubeconfig = secret(server().asKubeconfig({ server: `https://127.0.0.1:${proxy.port}` }))
  const leases = leaseOf('closing', { kubeconfig, timeout: '300ms' })
  expect(await leases.write(LEASE, undefined)).toBeDefined()
  proxy.set('hang')
  await expect(leases.read()).rejects.toThrow('no answer')
  proxy.set('pass')
  await expect.poll(() => proxy.connections).toBe(0)
})

test('wrong options are told, not thrown', () => {
  const { problems } = kubernetesLease({ name: 'Shop_1', namespace: 'a.b', timeout: '1h' })
  expect(problems?.map(({ path }) => path)).toEqual(['name', 'namespace', 'timeout'])
})
