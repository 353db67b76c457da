import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret } from '@uptimeserver/core'
import { kubernetes } from '@uptimeserver/kubernetes'
import { quietContext } from '@uptimeserver/testing'
import { expect, test, vi } from 'vitest'
import { forAll } from '../../../test/servers/for-all.js'
import { startKubernetes } from '../../../test/servers/kubernetes.js'
import { checked } from './support/checked.js'

vi.setConfig({ testTimeout: 60_000 })

const server = forAll(startKubernetes)
const folder = mkdtempSync(join(tmpdir(), 'uptime-credentials-'))

/** A kubeconfig file whose user is what is given. */
function fileWith(name: string, user: object): string {
  const config = JSON.parse(server().asKubeconfig())
  config.users[0].user = user
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(config))
  return file
}

/** A service account that may read `/readyz` like everybody, and its token. */
async function account(name: string): Promise<string> {
  const metadata = { name }
  await server().api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata })
  return server().serviceAccountToken('default', name)
}

test('a client certificate and a token are accepted, from a file and as a secret', async () => {
  const token = await account('teller')
  const asToken = secret(server().asKubeconfig({ token }))
  expect(await checked({ kubeconfig: server().kubeconfig, check: 'ready' })).not.toHaveProperty('reason')
  expect(await checked({ kubeconfig: secret(server().asKubeconfig()), check: 'ready' })).not.toHaveProperty(
    'reason',
  )
  expect(await checked({ kubeconfig: asToken, check: 'ready' })).not.toHaveProperty('reason')
})

test('a right that is missing is named', async () => {
  const token = await account('guest')
  expect((await checked({ kubeconfig: secret(server().asKubeconfig({ token })) })).reason).toBe(
    'a right is missing (403): nodes is forbidden: User "system:serviceaccount:default:guest" cannot list resource "nodes" in API group "" at the cluster scope',
  )
})

test('credentials that are wrong are called so, and never shown', async () => {
  const kubeconfig = secret(server().asKubeconfig({ token: 'hunter2hunter2' }))
  const { reason } = await checked({ kubeconfig })
  expect(reason).toBe('the API server does not accept the credentials (401)')
})

test('an exec plugin is asked, and one that fails or hangs is told', async () => {
  const token = await account('executed')
  const plugin = (script: string) => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] },
  })
  const answer = JSON.stringify({ kind: 'ExecCredential', status: { token } })
  const good = fileWith('exec', plugin(`echo '${answer}'`))
  expect((await checked({ kubeconfig: good })).reason).toMatch(
    /User "system:serviceaccount:default:executed"/,
  )
  const broken = fileWith('broken', plugin('echo "no session" >&2; exit 1'))
  expect((await checked({ kubeconfig: broken })).reason).toMatch(/no session/)
  const hanging = fileWith('hanging', plugin('sleep 5'))
  expect((await checked({ kubeconfig: hanging }, 500)).reason).toMatch(/^timeout after 500ms/)
})

test('an exec plugin that hangs is started once, however often the check is late', async () => {
  const starts = join(folder, 'starts')
  const script = `echo started >> ${starts}; sleep 3; exit 1`
  const user = {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] },
  }
  const service = kubernetes({ name: 'it', kubeconfig: fileWith('stuck', user), check: 'both' })
  for (let n = 0; n < 3; n++)
    await expect(service.check(quietContext(AbortSignal.timeout(200)))).rejects.toThrow()
  expect(readFileSync(starts, 'utf8')).toBe('started\n')
})

test('a token that was exchanged in its file is taken before anything is called down', async () => {
  const tokenFile = join(folder, 'token')
  const before = await account('before')
  writeFileSync(tokenFile, before)
  const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }
  const service = kubernetes({ name: 'it', kubeconfig: fileWith('rotated', user), check: 'ready' })
  const check = () => service.check(quietContext(AbortSignal.timeout(10_000)))
  await check()
  writeFileSync(tokenFile, await account('after'))
  await server().api.request('DELETE', '/api/v1/namespaces/default/serviceaccounts/before')
  await expect.poll(() => isRefused(before), { timeout: 30_000 }).toBe(true)
  await check()
})

/** The API server takes the word of an account that was deleted for some seconds more. */
async function isRefused(token: string): Promise<boolean> {
  try {
    await server().as({ token }).request('GET', '/readyz')
    return false
  } catch (error) {
    return (error as { status?: number }).status === 401
  }
}

test('a certificate that is not trusted, or for another name, is called so', async () => {
  const config = JSON.parse(server().asKubeconfig())
  delete config.clusters[0].cluster['certificate-authority-data']
  expect((await checked({ kubeconfig: secret(JSON.stringify(config)) })).reason).toMatch(
    /^127\.0\.0\.1: the certificate's issuer is not known/,
  )
  const named = JSON.parse(server().asKubeconfig())
  named.clusters[0].cluster['tls-server-name'] = 'elsewhere.example'
  expect((await checked({ kubeconfig: secret(JSON.stringify(named)) })).reason).toMatch(
    /the certificate is for localhost/,
  )
})

test('what is no kubeconfig is told without its text', async () => {
  const told = async (kubeconfig: string) => (await checked({ kubeconfig: secret(kubeconfig) })).reason
  expect(await told('users: [hunter2\n')).toBe('kubeconfig: it is no YAML, line 2')
  expect(await told('hunter2')).toBe('kubeconfig: it holds no clusters, contexts and users')
  expect(await told('{}')).toBe('kubeconfig: it holds no clusters, contexts and users')
  expect(await told('contexts: [{ name: a, context: { cluster: a, user: a } }]')).toBe(
    'kubeconfig: it has no current context; name one with context: a',
  )
  expect((await checked({ kubeconfig: join(folder, 'nothing') })).reason).toMatch(/^kubeconfig: ENOENT/)
  expect((await checked({ kubeconfig: server().kubeconfig, context: 'other' })).reason).toBe(
    'kubeconfig: it has no context "other", only admin@test',
  )
})

test('a kubeconfig that comes later, or changes, is read when there is need', async () => {
  const kubeconfig = join(folder, 'later')
  const service = kubernetes({ name: 'it', kubeconfig, check: 'ready' })
  const check = () => service.check(quietContext(AbortSignal.timeout(10_000)))
  await expect(check()).rejects.toThrow(/ENOENT/)
  writeFileSync(kubeconfig, server().asKubeconfig({ server: 'https://127.0.0.1:1' }))
  await expect(check()).rejects.toThrow(/ECONNREFUSED/)
  writeFileSync(kubeconfig, server().asKubeconfig())
  await check()
})

test('an API server that accepts and says nothing is told in time', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const url = `https://127.0.0.1:${port}`
  const { reason } = await checked({ kubeconfig: secret(server().asKubeconfig({ server: url })) }, 500)
  expect(reason).toBe(`timeout after 500ms: no answer from ${url}`)
  silent.close()
})
