import { join } from 'node:path'
import type { KubernetesApi } from './kubernetes-api.js'
import { freed, type ServerProcess, startProcess } from './process.js'

/** Where the two servers are and what they are started with. */
export interface Place {
  /** The folder with the programs. */
  readonly programs: string
  readonly data: string
  readonly port: number
  readonly etcdPort: number
  readonly peerPort: number
  readonly apiserverFlags?: readonly string[]
  readonly etcdFlags?: readonly string[]
}

export async function startEtcd({ programs, data, etcdPort, peerPort, etcdFlags = [] }: Place) {
  const [url, peer] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`]
  await Promise.all([etcdPort, peerPort].map(freed))
  return startProcess({
    command: join(programs, 'etcd'),
    args: [
      ...['--name', 'test', '--data-dir', join(data, 'etcd'), '--log-level', 'warn'],
      // Quick on slow disks. What was written survives the end of the process, not that of the machine.
      '--unsafe-no-fsync',
      ...['--listen-client-urls', url, '--advertise-client-urls', url],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `test=${peer}`, ...etcdFlags],
    ],
    isReady: () => isHealthy(url),
  })
}

/** `admin` is asked whether it is ready. */
export async function startApiserver(place: Place, admin: KubernetesApi): Promise<ServerProcess> {
  const pki = join(place.data, 'pki')
  await freed(place.port)
  return startProcess({
    command: join(place.programs, 'kube-apiserver'),
    args: [
      ...['--bind-address=127.0.0.1', `--secure-port=${place.port}`, '--advertise-address=127.0.0.1'],
      ...['--endpoint-reconciler-type=none', `--etcd-servers=http://127.0.0.1:${place.etcdPort}`],
      ...[`--cert-dir=${pki}`, `--client-ca-file=${join(pki, 'ca.crt')}`],
      ...[
        `--tls-cert-file=${join(pki, 'apiserver.crt')}`,
        `--tls-private-key-file=${join(pki, 'apiserver.key')}`,
      ],
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${join(pki, 'sa.key')}`,
      `--service-account-key-file=${join(pki, 'sa.pub')}`,
      ...['--authorization-mode=RBAC', '--service-cluster-ip-range=10.0.0.0/24'],
      // Nobody makes a default service account: there are no controllers.
      '--disable-admission-plugins=ServiceAccount',
      ...['--allow-privileged=true', '--profiling=false', '--v=1'],
      // Else it stays for a minute as long as somebody watches.
      '--shutdown-watch-termination-grace-period=2s',
      ...(place.apiserverFlags ?? []),
    ],
    isReady: () => isReady(admin),
    patience: 120_000,
  })
}

/**
 * Makes etcd forget all versions before the current one. A watch from one of them ends with 410 where the API server runs with
 * `--watch-cache-sizes=RESOURCE.GROUP#0` for that resource.
 */
export async function compactEtcd({ etcdPort }: Place): Promise<void> {
  const ask = async (path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${etcdPort}/v3/kv/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    return { isOk: response.ok, text: await response.text() }
  }
  const { text } = await ask('range', { key: Buffer.from('\0').toString('base64'), count_only: true })
  const { revision } = (JSON.parse(text) as { header: { revision: string } }).header
  const answer = await ask('compaction', { revision })
  if (!answer.isOk && !answer.text.includes('has been compacted'))
    throw new Error(`etcd was not compacted: ${answer.text}`)
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })
    return ((await response.json()) as { health: string }).health === 'true'
  } catch {
    return false
  }
}

async function isReady(admin: KubernetesApi): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(5_000)
    return (await admin.request('GET', '/readyz', undefined, undefined, signal)) === 'ok'
  } catch {
    return false
  }
}
